/** Whether a text is the name of a time zone, such as `UTC` or `America/Denver`. */
export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/**
 * The moment, in ISO 8601 and UTC, at which clocks in the time zone show `YYYY-MM-DD HH:MM:SS`; undefined for a text of
 * another form or a time that does not exist. Of an hour that a zone has twice it is one of the two.
 */
export function momentOf(localTime: string, timeZone: string): string | undefined {
  if (!/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(localTime)) return undefined;
  const asIfUtc = Date.parse(`${localTime.replace(' ', 'T')}Z`);
  if (Number.isNaN(asIfUtc)) return undefined;
  // The offset of a moment close by, and with it that of the moment itself.
  const close = asIfUtc - offsetAt(asIfUtc, timeZone);
  const moment = new Date(asIfUtc - offsetAt(close, timeZone));
  return moment.toISOString();
}

/** The day, `YYYY-MM-DD`, that calendars in the time zone show at a moment. */
export function dayIn(moment: Date, timeZone: string): string {
  return new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short' }).format(moment);
}

/** How far the clocks of a time zone are ahead of UTC at a moment, in ms. */
function offsetAt(moment: number, timeZone: string): number {
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' });
  return Date.parse(`${format.format(moment).replace(' ', 'T')}Z`) - Math.floor(moment / 1000) * 1000;
}
