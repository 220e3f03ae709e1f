import type { RegionWhereNone } from '../functions/index.ts';

/** A mapping as the thread compiles it. */
export interface MappingText {
  readonly file: string;
  readonly expression: string;
  readonly regionWhereNone: RegionWhereNone;
  /** True: somebody tries it out, and it comes with each of its evaluations; the thread does not keep it. */
  readonly isDraft?: boolean;
}

/** What the thread gets. */
export interface Evaluation {
  /** Names the mapping in this thread. */
  readonly id: number;
  /** With the first evaluation of a mapping in this thread only, unless it is a draft: it is long. */
  readonly mapping?: MappingText;
  /** JSON: copied faster than the objects would be. Absent: the payload is undefined. */
  readonly payload: string | undefined;
}

/** What it answers: what the mapping yields, or why it yields nothing. */
export type Evaluated = { readonly output: unknown } | { readonly message: string };
