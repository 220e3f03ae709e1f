import { type Verdict, watchSurroundings } from '../../local/forwarding-proxy.ts';
import type { Surroundings } from '../../local/stack.ts';
import type { Random } from './random.ts';

/** What storage can answer that is no success: https://learn.microsoft.com/rest/api/storageservices/common-rest-api-error-codes */
const statuses = [400, 401, 403, 404, 405, 409, 411, 412, 413, 415, 429, 500, 501, 502, 503, 504];

/** Storage that answers wrongly now and then, while it is told to. */
export class StorageFaults {
  readonly #random: Random;
  #isFailing = false;
  #changedAt = 0;
  injected = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  start(): void {
    this.#isFailing = true;
  }

  end(): void {
    this.#isFailing = false;
    this.#changedAt = Date.now();
  }

  /** Whether storage has been well since then, and for some seconds before: what waited for it has ended. */
  wasWellSince(time: number): boolean {
    return !this.#isFailing && time > this.#changedAt + settlingMs;
  }

  watch(surroundings: Surroundings) {
    return watchSurroundings(surroundings, ({ to }, when): Verdict => {
      if (!this.#isFailing || to === 'directscale' || when === 'after' || !this.#random.oneIn(4))
        return 'go on';
      this.injected++;
      return this.#random.oneIn(8) ? 'cut off' : { status: this.#random.oneOf(statuses) };
    });
  }
}

/** The SDK of Azure repeats a call for so long. */
const settlingMs = 10_000;
