import type { ChangesSince } from '../changes-since.ts';
import { withoutApi } from '../shared/not-told.ts';
import { readSearch } from './customer-search.ts';
import { isJournalPlace, journalKeptMs, journalStart, readJournal } from './journal.ts';
import type { Options } from './options.ts';

/**
 * What the journal of I/O Events keeps is read from there: it knows of addresses, too, which do not move a customer's time of
 * change. What is older is searched for in the shop; then the journal is read, unless customers are compared.
 */
export const changesSince: ChangesSince<Options> = {
  lookBackMs: 10 * 60_000,
  // Less than Adobe keeps: a walk may have to wait before its first page.
  reachesBackMs: ({ api, journal }) => (journal && !api ? journalKeptMs - 3_600_000 : undefined),

  async read(window, context) {
    const { api } = context.options;
    const journal = window.isCompared ? undefined : context.options.journal;
    const isKept = window.since !== undefined && Date.now() - window.since.getTime() <= journalKeptMs;
    if (journal && (isJournalPlace(window.at) || (isKept && window.at === undefined)))
      return readJournal(window, journal, context);
    if (!api) return withoutApi;
    const page = await readSearch(window, api, context);
    const isLast = page.type === 'page' && page.next === undefined;
    return isLast && journal ? { ...page, next: journalStart } : page;
  },
};
