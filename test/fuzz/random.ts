import { randomFrom } from '../delivery/model/simulation.ts';

/** Choices that follow from a seed, so that a run can be repeated. */
export interface Random {
  /** At least 0, less than `end`. */
  below(end: number): number;
  oneOf<Value>(values: readonly Value[]): Value;
  /** True in one of so many cases. */
  oneIn(count: number): boolean;
}

export function seeded(seed: number): Random {
  const next = randomFrom(seed);
  const below = (end: number) => Math.floor(next() * end);
  return {
    below,
    oneOf(values) {
      const index = below(values.length);
      // The index is within the list, which is never empty.
      return values[index] as (typeof values)[number];
    },
    oneIn: (count) => below(count) === 0,
  };
}
