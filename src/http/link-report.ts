import type { Link, LinkPage } from '../delivery/store/links.ts';
import { withoutEmailAddresses } from './without-email-addresses.ts';

/** What a reader of the API is told of a link: of the look-up that made it what it looked for, not the value's hash. */
export function linkReport({ foundBy, ...link }: Link) {
  return { ...link, ...(foundBy && { foundBy: foundBy.by }) };
}

/** A page of the list of links. Who asks for one link has its record's id; who lists them does not see e-mail addresses. */
export function linkPageReport({ links, next }: LinkPage) {
  const listed = links.map((link) => ({
    ...linkReport(link),
    recordId: withoutEmailAddresses(link.recordId),
  }));
  return { links: listed, ...(next && { next }) };
}
