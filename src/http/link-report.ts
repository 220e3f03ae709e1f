import type { Link, LinkPage } from '../delivery/store/links.ts';

/** What a reader of the API is told of a link: of the look-up that made it what it looked for, not the value's hash. */
export function linkReport({ foundBy, ...link }: Link) {
  return { ...link, ...(foundBy && { foundBy: foundBy.by }) };
}

/** A page of the list of links. */
export function linkPageReport({ links, next }: LinkPage) {
  return { links: links.map(linkReport), ...(next && { next }) };
}
