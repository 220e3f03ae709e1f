/**
 * A reading that is used for so many ms; who asks while it is under way shares it. What fails is not kept, and rejects for
 * those who asked.
 */
export function cachedFor<Result>(
  ms: number,
  now: () => number,
  read: () => Promise<Result>,
): () => Promise<Result> {
  let last: { readonly at: number; readonly reading: Promise<Result> } | undefined;
  return () => {
    if (last && now() - last.at < ms) return last.reading;
    const mine = { at: now(), reading: read() };
    last = mine;
    mine.reading.catch(() => {
      if (last === mine) last = undefined;
    });
    return mine.reading;
  };
}
