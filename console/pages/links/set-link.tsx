import { useState } from 'preact/hooks';
import { ProblemNote } from '../../parts/page.tsx';
import type { Link } from '../../relay/answers.ts';
import { call, type Problem } from '../../relay/client.ts';

interface SetLinkProps {
  readonly source: string;
  readonly record: string;
  readonly done: () => void;
}

/** Says which customer a record is; a link that is there is replaced. */
export function SetLink({ source, record, done }: SetLinkProps) {
  const [link, setLink] = useState({ source, recordId: record, customerId: '' });
  const [problem, setProblem] = useState<Problem>();
  const [set, setSet] = useState<Link>();
  const field = (name: keyof typeof link, label: string) => (
    <label>
      {label}
      <input
        required
        autocomplete="off"
        spellcheck={false}
        value={link[name]}
        onInput={({ currentTarget }) => setLink({ ...link, [name]: currentTarget.value })}
      />
    </label>
  );
  const submit = async (event: Event) => {
    event.preventDefault();
    const { recordId, customerId } = link;
    const answer = await call<Link>(
      `links/${encodeURIComponent(link.source.trim())}/${encodeURIComponent(recordId.trim())}`,
      {
        method: 'PUT',
        json: { customerId: customerId.trim() },
      },
    );
    setProblem(answer.ok ? undefined : answer.problem);
    setSet(answer.ok ? answer.body : undefined);
    if (answer.ok) done();
  };
  return (
    <form class="stack" onSubmit={submit}>
      {field('source', 'Source')}
      {field('recordId', 'Record id')}
      {field('customerId', 'Customer')}
      {problem && <ProblemNote problem={problem} />}
      {set && (
        <p class="done" role="status">
          {set.source} {set.recordId} is customer {set.customerId}.
        </p>
      )}
      <div class="actions">
        <button type="submit" class="primary">
          Link
        </button>
      </div>
    </form>
  );
}
