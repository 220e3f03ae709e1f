import { type Forwarded, type Verdict, watchSurroundings } from '../../local/forwarding-proxy.ts';
import type { Surroundings } from '../../local/stack.ts';
import type { Random } from './random.ts';

/**
 * What storage can answer that is no success: https://learn.microsoft.com/rest/api/storageservices/common-rest-api-error-codes
 * None that says something of a row: after an untrue 404 a change waits for the hourly look at lost messages.
 */
const statuses = [400, 401, 403, 405, 411, 413, 415, 429, 500, 501, 502, 503, 504];

/** The SDK of Azure repeats a call for so long: what waited for storage has ended then. */
const settlingMs = 10_000;
/** Of storage that takes longer the SDK of Azure soon thinks that it is away: this machine may be busy. */
const slowMs = 3000;

/** Whoever made the call has given it up. */
const lostMs = 30_000;

/** Storage that answers wrongly now and then, while it is told to; and whether it is well. */
export class StorageFaults {
  readonly #random: Random;
  readonly #underWay = new Map<Forwarded, number>();
  #isFailing = false;
  #unwellUntil = 0;
  #lookedAt = Date.now();
  injected = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  start(): void {
    this.#isFailing = true;
  }

  end(): void {
    this.#isFailing = false;
    this.#unwellUntil = Date.now();
  }

  /** Whether storage was well then, for some seconds before, and since. */
  wasWellSince(time: number): boolean {
    this.#look();
    return !this.#isFailing && time > this.#unwellUntil + settlingMs;
  }

  async watch(surroundings: Surroundings) {
    const watched = await watchSurroundings(surroundings, (forwarded, when) => this.#judge(forwarded, when));
    const timer = setInterval(() => this.#look(), slowMs / 10);
    return {
      env: watched.env,
      close: () => {
        clearInterval(timer);
        return watched.close();
      },
    };
  }

  #judge(forwarded: Forwarded, when: 'before' | 'after'): Verdict {
    if (forwarded.to === 'directscale') return 'go on';
    this.#look();
    if (when === 'after') this.#underWay.delete(forwarded);
    else if (this.#isFailing && this.#random.oneIn(4)) {
      this.injected++;
      return this.#random.oneIn(8) ? 'cut off' : { status: this.#random.oneOf(statuses) };
    } else this.#underWay.set(forwarded, Date.now());
    return 'go on';
  }

  /** Storage is slow, or this process is, through which it is asked. */
  #look(): void {
    const now = Date.now();
    for (const [call, begunAt] of this.#underWay) if (now - begunAt > lostMs) this.#underWay.delete(call);
    const oldest = Math.min(this.#lookedAt, ...this.#underWay.values());
    if (now - oldest > slowMs) this.#unwellUntil = now;
    this.#lookedAt = now;
  }
}
