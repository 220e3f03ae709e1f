/** How far a signed time may lie in the past or in the future, unless a source's options say otherwise. */
export const toleranceSeconds = 300;

/** Whether a signed time (ms since 1970) is close enough to `now` for the request not to be a recorded one. */
export function isRecent(ms: number, now: Date, seconds = toleranceSeconds): boolean {
  return Math.abs(now.getTime() - ms) <= seconds * 1000;
}

/** Whether a text is a recent time in Unix seconds. */
export function isRecentUnixTime(text: string, now: Date): boolean {
  return /^\d{1,12}$/.test(text) && isRecent(Number(text) * 1000, now);
}
