import { useCallback, useEffect, useState } from 'preact/hooks';
import { type Answer, call, type Problem } from './client.ts';

/** What a page knows of one GET: the last answer stays while the next one is on its way, or does not come. */
export interface Asked<Body> {
  readonly body: Body | undefined;
  readonly problem: Problem | undefined;
  readonly isLoading: boolean;
  /** When the last answer came, in ms. */
  readonly at: number | undefined;
  readonly ask: () => void;
}

type Known<Body> = Omit<Asked<Body>, 'ask'>;

const nothing = { body: undefined, problem: undefined, isLoading: true, at: undefined };

/** How often to ask again, in ms; it may depend on the last answer. Absent: not by itself. */
type Every<Body> = number | undefined | ((body: Body) => number | undefined);

/**
 * Asks for `/api/{path}` now, when the path changes, and every so often while the page can be seen. Without a path: not at
 * all.
 */
export function useAnswer<Body>(path: string | undefined, every?: Every<Body>): Asked<Body> {
  const [turn, setTurn] = useState(0);
  const [known, setKnown] = useState<Known<Body> & { readonly path: string | undefined }>({
    ...nothing,
    path,
  });
  const ask = useCallback(() => setTurn((before) => before + 1), []);

  useEffect(() => {
    if (path === undefined) return;
    const stop = new AbortController();
    setKnown((before) => (before.path === path ? { ...before, isLoading: true } : { ...nothing, path }));
    const take = (answer: Answer<Body>) =>
      setKnown(({ body, at }) =>
        answer.ok
          ? { body: answer.body, problem: undefined, isLoading: false, at: Date.now(), path }
          : { body, problem: answer.problem, isLoading: false, at, path },
      );
    call<Body>(path, { signal: stop.signal }).then(take, () => undefined);
    return () => stop.abort();
  }, [path, turn]);

  const { body, problem, isLoading, at } = known.path === path ? known : nothing;
  const everyMs = typeof every === 'function' ? body && every(body) : every;
  useEvery(path === undefined || isLoading ? undefined : everyMs, ask);
  return { body, problem, isLoading: isLoading && path !== undefined, at, ask };
}

/** Does something every so often, as long as somebody looks; at once when somebody looks again. */
function useEvery(everyMs: number | undefined, act: () => void): void {
  useEffect(() => {
    if (everyMs === undefined) return;
    const timer = setTimeout(() => !document.hidden && act(), everyMs);
    const seen = () => !document.hidden && act();
    document.addEventListener('visibilitychange', seen);
    return () => {
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', seen);
    };
  }, [everyMs, act]);
}
