import type { Command } from '../../cli/commands.ts';
import { UsageError } from '../../cli/errors.ts';
import type { ActList, Comparison, Customer, IssueList, PauseList } from '../../src/http/operator-answers.ts';
import { listPages } from '../list-pages.ts';
import { relayApi } from '../relay-api.ts';
import { flag, parse, readTime, relayOptions, text } from './arguments.ts';
import { actTable, comparisonTable, customerText, issueTable, pauseTable } from './operate-format.ts';

const actsAtOnce = 500;

/** `issues`, `mute`, `unmute`, `customer`, `pauses`, `pause`, `resume`, `acts`: what an operator sees and stops. */
export const operateCommands: Readonly<Record<string, Command>> = {
  async issues(args) {
    const { values } = parse(args, { ...relayOptions, status: text, source: text, json: flag }, 0);
    const query = new URLSearchParams();
    for (const name of ['status', 'source'] as const)
      if (values[name] !== undefined) query.set(name, values[name]);
    const api = await relayApi(values, process.env);
    const list = await api.call<IssueList>('GET', `issues?${query}`);
    if (values.json) return console.log(JSON.stringify(list.issues, null, 2));
    console.log(
      list.issues.length > 0 ? issueTable(list.issues) : 'No issue: nothing is parked or left out.',
    );
    if (list.countedSince)
      console.error(`There is more: counted is what was received since ${list.countedSince}.`);
  },

  async mute(args) {
    const { values, subject } = parse(args, relayOptions, 1);
    const api = await relayApi(values, process.env);
    await api.call('PUT', `issues/${encodeURIComponent(subject)}/mute`);
    console.log(`Muted: ${subject}.`);
  },

  async unmute(args) {
    const { values, subject } = parse(args, relayOptions, 1);
    const api = await relayApi(values, process.env);
    await api.call('DELETE', `issues/${encodeURIComponent(subject)}/mute`);
    console.log(`Shown again: ${subject}.`);
  },

  async customer(args) {
    const options = { ...relayOptions, compare: flag, values: flag, json: flag };
    const { values, subject } = parse(args, options, 1);
    if (values.values && !values.compare) throw new UsageError('--values goes with --compare');
    const api = await relayApi(values, process.env);
    const path = `customers/${encodeURIComponent(subject)}`;
    if (values.compare) {
      const compared = await api.call<Comparison>(
        'GET',
        `${path}/comparison${values.values ? '?values=true' : ''}`,
      );
      console.log(values.json ? JSON.stringify(compared, null, 2) : comparisonTable(compared));
      return;
    }
    const customer = await api.call<Customer>('GET', path);
    console.log(values.json ? JSON.stringify(customer, null, 2) : customerText(customer));
  },

  async pauses(args) {
    const { values } = parse(args, { ...relayOptions, json: flag }, 0);
    const api = await relayApi(values, process.env);
    const { pauses } = await api.call<PauseList>('GET', 'pauses');
    if (values.json) console.log(JSON.stringify(pauses, null, 2));
    else console.log(pauses.length > 0 ? pauseTable(pauses) : 'Nothing is paused by hand.');
  },

  async pause(args) {
    const { values, subject } = parse(args, { ...relayOptions, note: text, until: text, for: text }, 1);
    if (!values.note) throw new UsageError('say why: --note');
    const until = endOf(values);
    const api = await relayApi(values, process.env);
    await api.call('PUT', `pauses/${encodeURIComponent(subject)}`, {
      note: values.note,
      ...(until && { until: until.toISOString() }),
    });
    console.log(
      `Paused: ${subject}, ${until ? `until ${until.toISOString()}` : 'until somebody resumes it'}.`,
    );
  },

  async resume(args) {
    const { values, subject } = parse(args, relayOptions, 1);
    const api = await relayApi(values, process.env);
    await api.call('DELETE', `pauses/${encodeURIComponent(subject)}`);
    console.log(`Resumed: ${subject}.`);
  },

  async acts(args) {
    const options = { ...relayOptions, act: text, limit: { ...text, default: '50' }, json: flag };
    const { values } = parse(args, options, 0);
    const query = new URLSearchParams(values.act === undefined ? {} : { act: values.act });
    const api = await relayApi(values, process.env);
    const { items, isAll } = await listPages(values.limit, actsAtOnce, query, async (page) => {
      const { acts, next } = await api.call<ActList>('GET', `acts?${page}`);
      return { items: acts, next };
    });
    if (values.json) console.log(JSON.stringify(items, null, 2));
    else console.log(items.length > 0 ? actTable(items) : 'Nobody did anything that is noted.');
    if (!isAll) console.error(`There is more: these are the newest ${items.length}; see --limit.`);
  },
};

/** The end of a pause: a time, or a span from now. Undefined: none. Throws a {@link UsageError}. */
function endOf({ until, for: span }: { readonly until?: string; readonly for?: string }): Date | undefined {
  if (until !== undefined && span !== undefined) throw new UsageError('give --until or --for, not both');
  const now = new Date();
  if (span !== undefined) {
    const back = readTime('for', span, now).getTime();
    return new Date(now.getTime() + (now.getTime() - back));
  }
  return until === undefined ? undefined : readTime('until', until, now);
}
