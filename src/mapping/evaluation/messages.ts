import type { RegionWhereNone } from '../functions/index.ts';

/** What makes an evaluation the same one another time. */
export interface MappingText {
  readonly file: string;
  readonly expression: string;
  readonly regionWhereNone: RegionWhereNone;
}

/** What the thread gets. */
export interface Evaluation {
  readonly mapping: MappingText;
  readonly payload: unknown;
}

/** What it answers: what the mapping yields, or why it yields nothing. */
export type Evaluated = { readonly output: unknown } | { readonly message: string };
