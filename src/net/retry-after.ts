const dayMs = 86_400_000;

/**
 * The wait that a `Retry-After` header asks for, in milliseconds, at most a day. Takes seconds or an HTTP date
 * (RFC 9110, section 10.2.3); anything else counts as absent.
 */
export function retryAfterMs(header: string | null, now: Date): number | undefined {
  const value = header?.trim();
  if (!value) return undefined;
  if (/^\d+$/.test(value)) return Math.min(Number(value) * 1000, dayMs);
  // IMF-fixdate, the one form of date that senders may produce.
  if (!/^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/.test(value)) return undefined;
  const until = Date.parse(value);
  return Number.isNaN(until) ? undefined : Math.min(Math.max(until - now.getTime(), 0), dayMs);
}
