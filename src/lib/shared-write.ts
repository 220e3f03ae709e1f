import { setImmediate as turnOfTheLoop } from 'node:timers/promises';

/**
 * Writes an item together with those that others ask to be written at the same moment. Resolves when it is written, with
 * what the write of its group gave.
 */
export type SharedWrite<Item, Result = void> = (item: Item) => Promise<Result>;

/** A round that takes longer than this holds nobody up any more: whoever arrives then begins another one beside it. */
const slowRoundMs = 200;

/**
 * Group commit: whoever arrives while a round of writes is under way joins the next round. If none is under way, nobody
 * waits for more than the present turn of the event loop. `groupsOf` divides a round into the writes that it takes, which
 * go out side by side; a write that rejects rejects for its own items only. `isOwnFault`: an item of the group is what is
 * refused, not the write as such; then each is written alone, so that one never takes the others with it.
 */
export function createSharedWrite<Item, Result = void>(
  groupsOf: (items: readonly Item[]) => Item[][],
  write: (group: readonly Item[]) => Promise<Result>,
  isOwnFault: (error: unknown) => boolean = () => false,
): SharedWrite<Item, Result> {
  let waiting: { readonly item: Item; readonly written: PromiseWithResolvers<Result> }[] = [];
  let rounds = 0;
  let lastBegan = 0;

  async function run(): Promise<void> {
    rounds++;
    while (waiting.length > 0) {
      lastBegan = performance.now();
      // What has reached this process by now is read first: it shares the round, too.
      await turnOfTheLoop();
      const round = new Map(waiting.map(({ item, written }) => [item, written]));
      waiting = [];
      await Promise.all(groupsOf([...round.keys()]).map((group) => writeGroup(group, round)));
    }
    rounds--;
  }

  async function writeGroup(
    group: readonly Item[],
    round: ReadonlyMap<Item, PromiseWithResolvers<Result>>,
  ): Promise<void> {
    try {
      const result = await write(group);
      for (const item of group) round.get(item)?.resolve(result);
    } catch (error) {
      if (group.length > 1 && isOwnFault(error)) for (const item of group) await writeGroup([item], round);
      else for (const item of group) round.get(item)?.reject(error);
    }
  }

  return (item) => {
    const written = Promise.withResolvers<Result>();
    waiting.push({ item, written });
    if (rounds === 0 || performance.now() - lastBegan > slowRoundMs) void run();
    return written.promise;
  };
}
