import { useState } from 'preact/hooks';
import { ProblemNote } from '../../parts/page.tsx';
import { Status } from '../../parts/status.tsx';
import { Ago } from '../../parts/time.tsx';
import type { Issue } from '../../relay/answers.ts';
import { call, type Problem } from '../../relay/client.ts';
import { hashOf } from '../../view/address.ts';
import { whatToDo } from '../../view/words.ts';
import { ReplayIssue } from './replay-issue.tsx';

interface IssueLineProps {
  readonly issue: Issue;
  /** Gets told what was done, if that cannot be seen. */
  readonly changed: (words?: string) => void;
}

/** One cause: what it is, how much has it, and what can be done. */
export function IssueLine({ issue, changed }: IssueLineProps) {
  const { source, kind, reason, path, words, changes, customers, first, last, isMuted } = issue;
  const isParked = kind === 'parked';
  const hash = hashOf(['deliveries'], {
    source,
    ...(isParked ? { status: 'parked', reason } : { field: path?.split('.')[0] }),
  });
  return (
    <li class={isMuted ? 'muted' : ''}>
      <div class="what">
        <h3>
          <a data-line href={hash}>
            <span class={`dot ${isParked ? 'bad' : 'warn'}`}>{isParked ? reason : (path ?? 'a field')}</span>
          </a>
          {isMuted && <Status of="muted" />}
        </h3>
        <p>
          <b>{source}</b>
          {isParked && path && (
            <>
              {' · '}
              <code>{path}</code>
            </>
          )}
          {!isParked && <> · {reason}</>}
        </p>
        {words && <blockquote>{words}</blockquote>}
        {isParked && whatToDo[reason] && <p class="note">{whatToDo[reason]}</p>}
      </div>
      <dl class="size">
        <div>
          <dt>changes</dt>
          <dd>{changes.toLocaleString('en')}</dd>
        </div>
        <div>
          <dt>customers</dt>
          <dd>{customers === 0 ? <span class="none">–</span> : customers.toLocaleString('en')}</dd>
        </div>
        <div>
          <dt>first</dt>
          <dd>
            <Ago at={first} />
          </dd>
        </div>
        <div>
          <dt>last</dt>
          <dd>
            <Ago at={last} />
          </dd>
        </div>
      </dl>
      <div class="actions">
        <ReplayIssue issue={issue} done={changed} />
        <Mute issue={issue} done={() => changed()} />
      </div>
    </li>
  );
}

/** A muted issue is known: it stays away from the open ones, and nothing else changes. */
function Mute({ issue: { id, isMuted }, done }: { readonly issue: Issue; readonly done: () => void }) {
  const [problem, setProblem] = useState<Problem>();
  const mute = async () => {
    const answer = await call(`issues/${id}/mute`, { method: isMuted ? 'DELETE' : 'PUT' });
    setProblem(answer.ok ? undefined : answer.problem);
    if (answer.ok) done();
  };
  return (
    <>
      <button type="button" class="quiet" onClick={mute}>
        {isMuted ? 'Unmute' : 'Mute'}
      </button>
      {problem && <ProblemNote problem={problem} />}
    </>
  );
}
