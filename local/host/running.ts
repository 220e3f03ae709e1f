/** The work that a stop must wait for. */
export class Running {
  readonly #work = new Set<Promise<unknown>>();

  get size(): number {
    return this.#work.size;
  }

  /** Counts the work until it settles. The caller still handles its failure. */
  add<T>(work: Promise<T>): Promise<T> {
    this.#work.add(work);
    const remove = () => this.#work.delete(work);
    work.then(remove, remove);
    return work;
  }

  /** Resolves as soon as any of the work has settled, or at once when there is none. */
  async next(): Promise<void> {
    if (this.#work.size > 0) await Promise.race([...this.#work].map((work) => work.catch(() => undefined)));
  }

  /** Resolves to true when all has settled, or to false after `timeoutMs`. */
  async settled(timeoutMs: number): Promise<boolean> {
    const deadline = Date.now() + timeoutMs;
    while (this.#work.size > 0) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, deadline - Date.now());
      await Promise.race([this.next(), promise]);
      clearTimeout(timer);
      if (Date.now() >= deadline) return this.#work.size === 0;
    }
    return true;
  }
}
