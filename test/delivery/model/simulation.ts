import { setImmediate } from 'node:timers/promises';

/** Numbers in [0, 1) that follow from a seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

interface Event {
  readonly at: number;
  readonly happen: () => void;
}

/** A virtual clock: time passes only from one event to the next one. */
export class Simulation {
  /** Milliseconds since 1970. */
  now = Date.parse('2026-11-23T12:00:00Z');
  readonly random: () => number;
  #events: Event[] = [];

  constructor(seed: number) {
    this.random = randomFrom(seed);
  }

  sleep(ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#events.push({ at: this.now + Math.max(0, ms), happen: resolve });
    return promise;
  }

  /** Lets everything happen that is due within so many ms. */
  async pass(ms: number): Promise<void> {
    const end = this.now + ms;
    for (;;) {
      await setImmediate();
      const next = this.#events.reduce<Event | undefined>(
        (first, event) => (first && first.at <= event.at ? first : event),
        undefined,
      );
      if (!next || next.at > end) break;
      this.#events.splice(this.#events.indexOf(next), 1);
      this.now = Math.max(this.now, next.at);
      next.happen();
    }
    this.now = end;
  }
}

/** A process that can stand still, or die, at any of its calls to the outside. */
export class Instance {
  readonly simulation: Simulation;
  #frozenUntil = 0;
  #isDead = false;

  constructor(simulation: Simulation) {
    this.simulation = simulation;
  }

  get isDead(): boolean {
    return this.#isDead;
  }

  get isFrozen(): boolean {
    return this.simulation.now < this.#frozenUntil;
  }

  die(): void {
    this.#isDead = true;
  }

  freeze(ms: number): void {
    this.#frozenUntil = Math.max(this.#frozenUntil, this.simulation.now + ms);
  }

  /** Resolves when the process runs; never for a dead one. */
  async awake(): Promise<void> {
    while (this.isFrozen) await this.simulation.sleep(this.#frozenUntil - this.simulation.now);
    if (this.#isDead) await new Promise(() => undefined);
  }

  /** A call to the outside: there, the effect, and back. What is on its way arrives even if the process stands still. */
  async call<Result>(effect: () => Result, maxMs = 20): Promise<Result> {
    await this.awake();
    await this.simulation.sleep(this.simulation.random() * maxMs);
    const result = effect();
    await this.simulation.sleep(this.simulation.random() * maxMs);
    await this.awake();
    return result;
  }

  async delay(ms: number): Promise<void> {
    await this.simulation.sleep(ms);
    await this.awake();
  }
}
