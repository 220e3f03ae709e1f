/**
 * Hands over what is said in one turn of the event loop together: a message between processes costs more than what is in
 * it, and the real host's gRPC stream carries many in one write, too.
 */
export function together<Item>(send: (items: readonly Item[]) => void): (item: Item) => void {
  let waiting: Item[] = [];
  return (item) => {
    if (waiting.push(item) > 1) return;
    setImmediate(() => {
      const items = waiting;
      waiting = [];
      send(items);
    });
  };
}
