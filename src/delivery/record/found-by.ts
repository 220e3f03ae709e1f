/**
 * What read a change that no webhook told.
 *  - `catch-up`: the timer, or an operator, that asked the vendor what changed since a time
 *  - `backfill`: an operator who asked the vendor for all customers
 *  - `import`: payloads that somebody gave
 *  - `repair`: an operator who wants what the source has, whatever DirectScale holds
 */
export const foundBys = ['catch-up', 'backfill', 'import', 'repair'] as const;
export type FoundBy = (typeof foundBys)[number];
