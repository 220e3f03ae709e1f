import type { Share } from './share.ts';

/**
 * Who asks for a call, the most urgent first: somebody who waits for the answer, a change that just came, what was read from
 * a vendor or is replayed.
 */
export const lanes = ['direct', 'live', 'catch-up'] as const;
export type Lane = (typeof lanes)[number];

/** Which of an instance's calls to DirectScale may begin, and when. */
export interface Budget {
  /**
   * Resolves when a call may begin; the lane that is most urgent comes first. What it resolves to must be called when the call
   * has ended. Rejects with what leasing a share throws.
   */
  turn(lane: Lane): Promise<() => void>;
}

/** No limit is set. */
export const unlimited: Budget = { turn: async () => () => undefined };

/** How time passes: tests bring their own. */
interface Surroundings {
  /** ms since 1970 */
  readonly now: () => number;
  readonly delay: (ms: number) => Promise<unknown>;
}

/**
 * Spaces the calls of this instance evenly, by the share of the budget that it has leased. Leases one when a call is asked for
 * and there is none that still holds: an instance that does nothing leases nothing.
 */
export function createBudget(lease: () => Promise<Share>, { now, delay }: Surroundings): Budget {
  const waiting = new Map(lanes.map((lane) => [lane, [] as PromiseWithResolvers<() => void>[]]));
  let share: Share | undefined;
  /** When the next call may begin. */
  let nextAt = 0;
  let underWay = 0;
  let ended = Promise.withResolvers<void>();
  let isServing = false;

  const nextLane = () => lanes.find((lane) => (waiting.get(lane)?.length ?? 0) > 0);

  function end(): void {
    underWay--;
    ended.resolve();
    ended = Promise.withResolvers();
  }

  /** Returns after each wait, so that the most urgent lane is looked for again. */
  async function serveOne(): Promise<void> {
    if (!share || now() >= share.until) share = await lease();
    const { callsPerSecond, callsAtATime, until } = share;
    if (callsPerSecond === 0) return void (await delay(until - now()));
    if (underWay >= callsAtATime) return ended.promise;
    if (nextAt > now()) return void (await delay(Math.min(nextAt, until) - now()));
    const lane = nextLane();
    const turn = lane && waiting.get(lane)?.shift();
    if (!turn) return;
    const everyMs = 1000 / callsPerSecond;
    // A timer that was late is made up for by one call, never by more.
    nextAt = Math.max(nextAt, now() - everyMs) + everyMs;
    underWay++;
    turn.resolve(end);
  }

  async function serve(): Promise<void> {
    if (isServing) return;
    isServing = true;
    try {
      while (nextLane()) await serveOne();
    } catch (error) {
      for (const turns of waiting.values()) for (const turn of turns.splice(0)) turn.reject(error);
    } finally {
      isServing = false;
    }
  }

  return {
    turn(lane) {
      const turn = Promise.withResolvers<() => void>();
      waiting.get(lane)?.push(turn);
      void serve();
      return turn.promise;
    },
  };
}
