import { Filters } from '../parts/filters.tsx';
import { Answered, AskAgain, Empty, Page } from '../parts/page.tsx';
import { Badge } from '../parts/status.tsx';
import { Time } from '../parts/time.tsx';
import type { ActList } from '../relay/answers.ts';
import { useAnswer } from '../relay/use-answer.ts';
import { hashOf, refine } from '../view/address.ts';

const acts = Object.keys({
  replay: true,
  forget: true,
  'set-link': true,
  'remove-link': true,
  pause: true,
  resume: true,
  mute: true,
  unmute: true,
  'show-values': true,
} satisfies Record<ActList['acts'][number]['act'], true>);

interface ActsPageProps {
  readonly query: Readonly<Record<string, string>>;
}

/** Who did what. */
export function ActsPage({ query }: ActsPageProps) {
  const { act = '', from = '' } = query;
  const list = useAnswer<ActList>(
    `acts?${new URLSearchParams({ ...(act && { act }), ...(from && { from }) })}`,
  );
  return (
    <Page
      title="Acts"
      lead="What operators did. A name is what its bearer gave, unless it is marked as signed in."
      actions={<AskAgain asked={list} />}
    >
      <Filters label="Filter acts">
        <label>
          Act
          <select
            data-key="/"
            value={act}
            onChange={({ currentTarget }) => refine(['acts'], { act: currentTarget.value })}
          >
            <option value="">any</option>
            {acts.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
      </Filters>
      <Answered asked={list}>
        {({ acts: found, next }) => (
          <>
            {found.length === 0 ? <Empty title="Nothing was done." /> : <ActTable acts={found} />}
            <nav class="pages" aria-label="Pages of the list">
              {from && <a href={hashOf(['acts'], { act })}>Newest</a>}
              {next && <a href={hashOf(['acts'], { act, from: next })}>Older</a>}
            </nav>
          </>
        )}
      </Answered>
    </Page>
  );
}

function ActTable({ acts: found }: { readonly acts: ActList['acts'] }) {
  return (
    <table class="lines">
      <thead>
        <tr>
          <th>When</th>
          <th>Who</th>
          <th>Act</th>
          <th>With</th>
        </tr>
      </thead>
      <tbody>
        {found.map(({ at, act, subject, by, signedIn }) => (
          <tr key={`${at} ${act} ${subject}`}>
            <td data-label="When">
              <Time at={at} />
            </td>
            <td data-label="Who">
              {by ?? <span class="none">no name</span>} {signedIn && <Badge tone="good">signed in</Badge>}
            </td>
            <td data-label="Act">{act}</td>
            <td data-label="With">
              <Subject of={subject} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** `delivery <id>` and `customer <id>` lead there. */
function Subject({ of }: { readonly of: string }) {
  const [kind = '', id = ''] = of.split(/[ :](.*)/s);
  const page = { delivery: 'deliveries', customer: 'customers' }[kind];
  if (!page || !id || id.includes(' ')) return <code>{of}</code>;
  return (
    <a data-line href={hashOf([page, id])}>
      {kind} <code>{id}</code>
    </a>
  );
}
