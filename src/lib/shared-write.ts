/** Writes an item together with those that others ask to be written at the same moment. Resolves when it is written. */
export type SharedWrite<Item> = (item: Item) => Promise<void>;

/** A round that takes longer than this holds nobody up any more: whoever arrives then begins another one beside it. */
const slowRoundMs = 200;

/**
 * Group commit: whoever arrives while a round of writes is under way joins the next round. Nobody waits when nothing is
 * under way. `groupsOf` divides a round into the writes that it takes, which go out side by side; a write that rejects
 * rejects for its own items only.
 */
export function createSharedWrite<Item>(
  groupsOf: (items: readonly Item[]) => Item[][],
  write: (group: readonly Item[]) => Promise<void>,
): SharedWrite<Item> {
  let waiting: { readonly item: Item; readonly written: PromiseWithResolvers<void> }[] = [];
  let rounds = 0;
  let lastBegan = 0;

  async function run(): Promise<void> {
    rounds++;
    while (waiting.length > 0) {
      const round = new Map(waiting.map(({ item, written }) => [item, written]));
      waiting = [];
      lastBegan = performance.now();
      await Promise.all(
        groupsOf([...round.keys()]).map(async (group) => {
          try {
            await write(group);
            for (const item of group) round.get(item)?.resolve();
          } catch (error) {
            for (const item of group) round.get(item)?.reject(error);
          }
        }),
      );
    }
    rounds--;
  }

  return (item) => {
    const written = Promise.withResolvers<void>();
    waiting.push({ item, written });
    if (rounds === 0 || performance.now() - lastBegan > slowRoundMs) void run();
    return written.promise;
  };
}
