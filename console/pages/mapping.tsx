import { useEffect, useState } from 'preact/hooks';
import { Filters } from '../parts/filters.tsx';
import { Empty, Page, Part, ProblemNote } from '../parts/page.tsx';
import type { ChangeList, Draft, SourceList } from '../relay/answers.ts';
import { type Answer, call, type Problem } from '../relay/client.ts';
import { useAnswer } from '../relay/use-answer.ts';
import { refine } from '../view/address.ts';
import { DraftResult } from './mapping/draft-result.tsx';
import { Editor } from './mapping/editor.tsx';
import { draftOf, type Given, nothingGiven } from './mapping/given.ts';
import { PickPayload } from './mapping/pick-payload.tsx';

interface MappingPageProps {
  readonly query: Readonly<Record<string, string>>;
}

/** After the last letter that was typed. */
const pauseMs = 400;

/** What a source's mapping makes of a payload, and what another one would. Nothing is saved. */
export function MappingPage({ query }: MappingPageProps) {
  const sources = useAnswer<SourceList>('sources');
  const source = query.source || sources.body?.sources.find(({ kind }) => kind !== 'canonical')?.name || '';
  return (
    <Page
      title="Mapping"
      lead="What a source's mapping makes of a payload, and what another one would. Nothing is saved or sent."
    >
      <Filters label="Choose a source">
        <label>
          Source
          <select
            value={source}
            data-key="/"
            onChange={({ currentTarget }) => refine(['mapping'], { source: currentTarget.value })}
          >
            {source && !sources.body && <option>{source}</option>}
            {sources.body?.sources.map(({ name }) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
      </Filters>
      {sources.problem && <ProblemNote problem={sources.problem} again={sources.ask} />}
      {source && <Workbench key={source} source={source} delivery={query.delivery} />}
    </Page>
  );
}

interface WorkbenchProps {
  readonly source: string;
  /** The recorded delivery whose payload is to be taken. */
  readonly delivery: string | undefined;
}

function Workbench({ source, delivery }: WorkbenchProps) {
  const [given, setGiven] = useState(nothingGiven);
  /** Absent: the source's own. */
  const [mapping, setMapping] = useState<string>();
  const changes = useAnswer<ChangeList>(`deliveries?limit=25&source=${encodeURIComponent(source)}`);
  const own = useDraft(source, given, undefined);
  const draft = useDraft(source, given, mapping);
  const shown = mapping === undefined ? own : draft;
  const isChanged = mapping !== undefined && mapping !== own.body?.mapping;
  return (
    <div class="bench">
      <div>
        <Part title="Payload" note="Pasted, or one that was recorded: that is noted with your name.">
          <PickPayload
            changes={changes.body?.changes ?? []}
            chosen={delivery}
            choose={(id) => refine(['mapping'], { source, delivery: id })}
            take={(text, deliveryId) => setGiven({ ...given, text, recorded: { deliveryId, text } })}
          />
          <Editor
            label="Payload"
            text={given.text}
            change={(text) => setGiven({ ...given, text })}
            placeholder='{ "id": 1042, "first_name": "Maria" }'
            rows={10}
          />
          <HowItCame given={given} change={setGiven} />
        </Part>
        <Part
          title="Mapping"
          note={isChanged ? 'Changed here, and nowhere else.' : 'That of the source.'}
          actions={
            isChanged && (
              <button type="button" onClick={() => setMapping(undefined)}>
                Back to the source's own
              </button>
            )
          }
        >
          {own.body && own.body.mapping === undefined && mapping === undefined ? (
            <Empty title="This kind needs no mapping.">Its payload already is the relay's own form.</Empty>
          ) : (
            <Editor
              label="Mapping"
              text={mapping ?? own.body?.mapping ?? ''}
              change={setMapping}
              placeholder="The source's own mapping comes with the first payload."
              rows={22}
              at={shown.body?.line}
            />
          )}
        </Part>
      </div>
      <Result shown={shown} own={isChanged ? own.body : undefined} isGiven={given.text.trim() !== ''} />
    </div>
  );
}

interface ResultProps {
  readonly shown: Drafted;
  /** What the source's own mapping makes of it, if another one is tried. */
  readonly own: Draft | undefined;
  readonly isGiven: boolean;
}

function Result({ shown: { body, problem }, own, isGiven }: ResultProps) {
  return (
    <Part
      class="result"
      title="Result"
      note={own ? 'Marked: what differs from the source’s own mapping.' : undefined}
    >
      {problem && <ProblemNote problem={problem} />}
      {!isGiven && <Empty title="Paste a payload.">Or choose a recorded one above.</Empty>}
      {isGiven && body && <DraftResult draft={body} own={own} />}
    </Part>
  );
}

interface Drafted {
  readonly body: Draft | undefined;
  readonly problem: Problem | undefined;
}

/** Asks the relay what a mapping makes of a payload, a moment after the last letter. */
function useDraft(source: string, given: Given, mapping: string | undefined): Drafted {
  const [drafted, setDrafted] = useState<Drafted>({ body: undefined, problem: undefined });
  useEffect(() => {
    if (given.text.trim() === '') return setDrafted({ body: undefined, problem: undefined });
    const stop = new AbortController();
    const timer = setTimeout(() => {
      const json = draftOf(given, mapping);
      const take = (answer: Answer<Draft>) =>
        setDrafted(
          answer.ok
            ? { body: answer.body, problem: undefined }
            : { body: undefined, problem: answer.problem },
        );
      call<Draft>(`preview/${encodeURIComponent(source)}/draft`, {
        method: 'POST',
        json,
        signal: stop.signal,
      }).then(take, () => undefined);
    }, pauseMs);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [source, given, mapping]);
  return drafted;
}

interface HowItCameProps {
  readonly given: Given;
  readonly change: (given: Given) => void;
}

/** What a pasted payload does not say: some vendors tell in a header what happened. */
function HowItCame({ given, change }: HowItCameProps) {
  if (given.recorded?.text === given.text) return <p class="note">Tried with its own headers, as it came.</p>;
  return (
    <details>
      <summary>Headers, or a record of the vendor's API</summary>
      <label>
        Headers, one a line
        <textarea
          rows={2}
          spellcheck={false}
          placeholder="X-Shopify-Topic: customers/update"
          value={given.headers}
          onInput={({ currentTarget }) => change({ ...given, headers: currentTarget.value })}
        />
      </label>
      <label class="check">
        <input
          type="checkbox"
          checked={given.isRecord}
          onChange={({ currentTarget }) => change({ ...given, isRecord: currentTarget.checked })}
        />
        It is a record as the vendor's API gives it
      </label>
    </details>
  );
}
