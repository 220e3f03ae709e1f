/** The status of an answer of table or queue storage that the SDK threw as an error. */
export function storageStatus(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('statusCode' in error)) return undefined;
  return typeof error.statusCode === 'number' ? error.statusCode : undefined;
}

/**
 * Storage answers that the call itself is wrong: a row too large, a name that it does not take. The same call would be
 * refused for ever.
 */
export function isStorageRefusal(error: unknown): boolean {
  const status = storageStatus(error) ?? 0;
  return isStorageFailure(error) && status >= 400 && status < 500 && !momentary.has(status);
}

/** Refusals that say something else: no access (yet), no such row, too late, too much. */
const momentary = new Set([401, 403, 404, 408, 409, 412, 429]);

/** Whether an error came from the storage SDK: the account cannot be reached, or refuses us. */
export function isStorageFailure(error: unknown): boolean {
  return error instanceof Error && error.name === 'RestError';
}

/** The row is there already. */
export const isConflict = (error: unknown): boolean => storageStatus(error) === 409;
/** The row was changed since it was read. */
export const isOutdated = (error: unknown): boolean => storageStatus(error) === 412;
export const isMissing = (error: unknown): boolean => storageStatus(error) === 404;
/** Somebody else has changed or removed the row since it was read. */
export const isLost = (error: unknown): boolean => isMissing(error) || isOutdated(error);

/** Runs a call to storage; `otherwise` takes the place of the failures that it names. */
export async function unless<Result, Otherwise>(
  is: (error: unknown) => boolean,
  otherwise: Otherwise,
  call: () => Promise<Result>,
): Promise<Result | Otherwise> {
  try {
    return await call();
  } catch (error) {
    if (is(error)) return otherwise;
    throw error;
  }
}
