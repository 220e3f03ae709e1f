import type { Link, LinkPage } from '../delivery/store/links.ts';
import { withoutEmailAddresses } from '../lib/without-email-addresses.ts';

/** What a reader of the API is told of a link: of the look-up that made it what it looked for, not the value's hash. */
export function linkReport({ foundBy, ...link }: Link) {
  return { ...link, ...(foundBy && { foundBy: foundBy.by }) };
}

/** A page of the list of links. Who asks for one link has its record's id; who lists them does not see e-mail addresses. */
export function linkPageReport({ links, unreadable, next }: LinkPage) {
  const listed = links.map((link) => masked(linkReport(link)));
  return { links: listed, ...(unreadable && { unreadable: unreadable.map(masked) }), ...(next && { next }) };
}

function masked<Line extends { readonly recordId: string }>(line: Line): Line {
  return { ...line, recordId: withoutEmailAddresses(line.recordId) };
}
