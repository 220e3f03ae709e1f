import { Copy } from '../parts/copy.tsx';
import { Answered, AskAgain, Empty, Page } from '../parts/page.tsx';
import { Pause } from '../parts/pause.tsx';
import { Badge, Status } from '../parts/status.tsx';
import { Ago } from '../parts/time.tsx';
import type { PauseList, SourceList } from '../relay/answers.ts';
import { useAnswer } from '../relay/use-answer.ts';
import { hashOf } from '../view/address.ts';

type Source = SourceList['sources'][number];

const everyMs = 30_000;

/** Who sends, where to, and whether it comes through. */
export function SourcesPage() {
  const sources = useAnswer<SourceList>('sources', everyMs);
  const pauses = useAnswer<PauseList>('pauses', everyMs);
  const paused = new Set(pauses.body?.pauses.map(({ subject }) => subject));
  return (
    <Page
      title="Sources"
      lead="Who sends, whether its secrets can be read, and what came last."
      actions={<AskAgain asked={sources} />}
    >
      <Answered asked={sources}>
        {({ sources: list }) =>
          list.length === 0 ? (
            <Empty title="No source is configured.">Add one to relay.json: npm run add-source.</Empty>
          ) : (
            <ul class="cards">
              {list.map((source) => (
                <SourceCard
                  key={source.name}
                  source={source}
                  isPaused={paused.has(`source:${source.name}`)}
                  changed={pauses.ask}
                />
              ))}
            </ul>
          )
        }
      </Answered>
    </Page>
  );
}

interface SourceCardProps {
  readonly source: Source;
  readonly isPaused: boolean;
  readonly changed: () => void;
}

function SourceCard({ source, isPaused, changed }: SourceCardProps) {
  const { name, kind, mode, state, problems = [] } = source;
  return (
    <li>
      <header>
        <h2>
          <a data-line href={hashOf(['deliveries'], { source: name })}>
            {name}
          </a>
          <Status of={state} />
          {isPaused && <Badge tone="warn">paused</Badge>}
        </h2>
        <p class="note">
          {kind}
          {mode === 'sync' && ', answered with the outcome'}
        </p>
      </header>
      {problems.length > 0 && (
        <ul class="violations">
          {problems.map(({ path, message }) => (
            <li key={`${path} ${message}`}>
              <code>{path}</code> {message}
            </li>
          ))}
        </ul>
      )}
      <SourceFacts source={source} />
      <div class="actions">
        <Pause small subject={`source:${name}`} what={`source ${name}`} isPaused={isPaused} done={changed} />
        <a class="button small quiet" href={hashOf(['mapping'], { source: name })}>
          Mapping
        </a>
      </div>
    </li>
  );
}

function SourceFacts({ source }: { readonly source: Source }) {
  const { name, address } = source;
  return (
    <dl class="facts">
      <dt>Address</dt>
      <dd>
        <Copy text={address} what={`the address of ${name}`} />
      </dd>
      <dt>Secrets</dt>
      <dd>
        <Secrets secrets={source.secrets} />
      </dd>
      <dt>Last accepted</dt>
      <dd>
        {source.lastAccepted ? <Ago at={source.lastAccepted} /> : <span class="none">none in two days</span>}
      </dd>
      <dt>Last refused</dt>
      <dd>
        {source.lastRefused ? (
          <>
            <Ago at={source.lastRefused.at} /> <span class="reason">{source.lastRefused.reason}</span>
          </>
        ) : (
          <span class="none">none</span>
        )}
      </dd>
      {source.subscription && (
        <>
          <dt>Subscription</dt>
          <dd>
            {source.subscription.state}, checked <Ago at={source.subscription.checkedAt} />
            {source.subscription.note && <small>{source.subscription.note}</small>}
          </dd>
        </>
      )}
      {source.catchUp && (
        <>
          <dt>Catch-up</dt>
          <dd>
            {source.catchUp.lastRunAt ? <Ago at={source.catchUp.lastRunAt} /> : 'not run yet'}
            {source.catchUp.failure && <small class="bad">{source.catchUp.failure}</small>}
          </dd>
        </>
      )}
    </dl>
  );
}

function Secrets({ secrets }: { readonly secrets: Source['secrets'] }) {
  if (secrets.length === 0) return <span class="none">none needed</span>;
  return (
    <ul class="plain">
      {secrets.map(({ name, isReadable, isUsable, reason }) => (
        <li key={name}>
          <span class={`dot ${isReadable && isUsable ? 'good' : 'bad'}`}>
            <code>{name}</code> {isReadable ? (isUsable ? 'readable' : 'cannot be a key') : 'cannot be read'}
          </span>
          {reason && <small>{reason}</small>}
        </li>
      ))}
    </ul>
  );
}
