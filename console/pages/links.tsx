import { useState } from 'preact/hooks';
import { Confirm } from '../parts/confirm.tsx';
import { Filters, TextFilter } from '../parts/filters.tsx';
import { Answered, AskAgain, Empty, Page, Part } from '../parts/page.tsx';
import { Time } from '../parts/time.tsx';
import type { Link, LinkList } from '../relay/answers.ts';
import { call } from '../relay/client.ts';
import { type Asked, useAnswer } from '../relay/use-answer.ts';
import { hashOf, refine } from '../view/address.ts';
import { ImportLinks } from './links/import-links.tsx';
import { SetLink } from './links/set-link.tsx';

interface LinksPageProps {
  readonly query: Readonly<Record<string, string>>;
}

/** Which record of a source is which customer: search, set, remove, import. */
export function LinksPage({ query }: LinksPageProps) {
  const { source = '', customer = '', record = '', from } = query;
  const isOne = source !== '' && record !== '';
  const search = new URLSearchParams({
    limit: '50',
    ...(source && { source }),
    ...(customer && { customer }),
    ...(from && { from }),
  });
  const list = useAnswer<LinkList>(isOne ? undefined : `links?${search}`);
  const one = useAnswer<Link>(
    isOne ? `links/${encodeURIComponent(source)}/${encodeURIComponent(record)}` : undefined,
  );
  const set = (more: Readonly<Record<string, string | undefined>>) =>
    refine(['links'], { source, customer, record, ...more });
  const askAgain = isOne ? one : list;
  return (
    <Page
      title="Links"
      lead="Which record of a source is which customer. A linked record needs no look-up."
      actions={<AskAgain asked={askAgain} />}
    >
      <Filters label="Search links">
        <TextFilter label="Source" value={source} set={(value) => set({ source: value })} isFirst />
        <TextFilter label="Customer" value={customer} set={(value) => set({ customer: value })} />
        <TextFilter label="Record id" value={record} set={(value) => set({ record: value })} />
      </Filters>
      {isOne ? (
        one.problem?.code === 'unknown-link' ? (
          <Empty title="This record is not linked.">Its next change is looked up. Or link it below.</Empty>
        ) : (
          <Answered asked={one}>{(link) => <LinkTable links={[link]} changed={one.ask} />}</Answered>
        )
      ) : (
        <LinkPages list={list} query={{ source, customer, from }} />
      )}
      <div class="columns even">
        <Part title="Link a record" note="You know which customer it is. Its next changes go there.">
          <SetLink source={source} record={record} done={askAgain.ask} />
        </Part>
        <Part title="Import a CSV" note="A header line, then source, record id and customer id.">
          <ImportLinks done={list.ask} />
        </Part>
      </div>
    </Page>
  );
}

interface LinkPagesProps {
  readonly list: Asked<LinkList>;
  readonly query: Readonly<Record<string, string | undefined>>;
}

function LinkPages({ list, query }: LinkPagesProps) {
  return (
    <Answered asked={list}>
      {({ links, unreadable = [], next }) => (
        <>
          {unreadable.length > 0 && <Unreadable records={unreadable} />}
          {links.length === 0 ? (
            <Empty title="No links.">
              The relay makes one when it has looked a customer up; you can set them below.
            </Empty>
          ) : (
            <LinkTable links={links} changed={list.ask} />
          )}
          <nav class="pages" aria-label="Pages of the list">
            {query.from && <a href={hashOf(['links'], { ...query, from: undefined })}>First</a>}
            {next && <a href={hashOf(['links'], { ...query, from: next })}>More</a>}
          </nav>
        </>
      )}
    </Answered>
  );
}

function Unreadable({ records }: { readonly records: readonly { source: string; recordId: string }[] }) {
  return (
    <div class="callout bad">
      <strong>{records.length} links cannot be read.</strong>
      <p>
        Remove them or set them anew:{' '}
        {records.map(({ source, recordId }) => `${source} ${recordId}`).join(', ')}
      </p>
    </div>
  );
}

interface LinkTableProps {
  readonly links: readonly Link[];
  readonly changed: () => void;
}

function LinkTable({ links, changed }: LinkTableProps) {
  const [removing, setRemoving] = useState<Link>();
  return (
    <>
      <table class="lines">
        <thead>
          <tr>
            <th>Source</th>
            <th>Record</th>
            <th>Customer</th>
            <th>Made by</th>
            <th>Since</th>
            <th>
              <span class="unseen">Remove</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {links.map((link) => (
            <tr key={`${link.source} ${link.recordId}`}>
              <td data-label="Source">{link.source}</td>
              <td data-label="Record">
                <code>{link.recordId}</code>
              </td>
              <td data-label="Customer">
                <a data-line href={hashOf(['customers', link.customerId])}>
                  {link.customerId}
                </a>
              </td>
              <td data-label="Made by">
                {link.origin}
                {link.foundBy && <small>by {link.foundBy}</small>}
              </td>
              <td data-label="Since">
                <Time at={link.since} />
              </td>
              <td class="act">
                <button
                  type="button"
                  class="small"
                  aria-label={`Remove the link of ${link.source} ${link.recordId}`}
                  onClick={() => setRemoving(link)}
                >
                  Remove
                </button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {removing && <RemoveLink link={removing} close={() => setRemoving(undefined)} done={changed} />}
    </>
  );
}

interface RemoveLinkProps {
  readonly link: Link;
  readonly close: () => void;
  readonly done: () => void;
}

function RemoveLink({ link: { source, recordId }, close, done }: RemoveLinkProps) {
  return (
    <Confirm
      title="Remove this link?"
      yes="Remove it"
      isDangerous
      act={() =>
        call(`links/${encodeURIComponent(source)}/${encodeURIComponent(recordId)}`, { method: 'DELETE' })
      }
      close={close}
      done={done}
    >
      <p>
        The next change of record <code>{recordId}</code> of {source} is looked up anew.
      </p>
    </Confirm>
  );
}
