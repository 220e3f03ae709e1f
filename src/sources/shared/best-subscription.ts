/**
 * Of several subscriptions with the relay's address the one with the fewest faults, and these in words: if it has none, the
 * others bring nothing more. Undefined: there is none.
 */
export function bestOf<Subscription>(
  ours: readonly Subscription[],
  faultsOf: (subscription: Subscription) => string[],
): { readonly best: Subscription; readonly faults: string[] } | undefined {
  const judged = ours.map((best) => ({ best, faults: faultsOf(best) }));
  return judged.toSorted((a, b) => a.faults.length - b.faults.length)[0];
}
