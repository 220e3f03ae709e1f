import { useState } from 'preact/hooks';
import { call } from '../relay/client.ts';
import { Confirm } from './confirm.tsx';

interface PauseProps {
  /** `all`, `source:<name>` or `customer:<id>`. */
  readonly subject: string;
  /** The same in words. */
  readonly what: string;
  readonly isPaused: boolean;
  readonly done: () => void;
  readonly small?: boolean;
}

const spans = [
  ['', 'until somebody resumes it'],
  ['1', 'for an hour'],
  ['8', 'for eight hours'],
  ['24', 'for a day'],
] as const;

/** Pauses or resumes the changes of something by hand: they are taken and wait. Asks why, for the colleagues. */
export function Pause({ subject, what, isPaused, done, small }: PauseProps) {
  const [isAsking, setAsking] = useState(false);
  const [note, setNote] = useState('');
  const [hours, setHours] = useState('');
  const path = `pauses/${encodeURIComponent(subject)}`;
  const until = () =>
    hours ? { until: new Date(Date.now() + Number(hours) * 3_600_000).toISOString() } : {};
  const act = () =>
    isPaused
      ? call(path, { method: 'DELETE' })
      : call(path, { method: 'PUT', json: { note: note.trim(), ...until() } });
  return (
    <>
      <button
        type="button"
        class={small ? 'small' : ''}
        aria-label={`${isPaused ? 'Resume' : 'Pause'} ${what}`}
        onClick={() => setAsking(true)}
      >
        {isPaused ? 'Resume' : 'Pause'}
        {subject === 'all' && ' all'}
      </button>
      {isAsking && (
        <Confirm
          title={`${isPaused ? 'Resume' : 'Pause'} ${what}?`}
          yes={isPaused ? 'Resume' : 'Pause'}
          act={act}
          close={() => setAsking(false)}
          done={done}
        >
          {isPaused ? (
            <p>What has waited goes on within seconds, in the order that it was changed.</p>
          ) : (
            <Why note={note} setNote={setNote} hours={hours} setHours={setHours} />
          )}
        </Confirm>
      )}
    </>
  );
}

interface WhyProps {
  readonly note: string;
  readonly setNote: (note: string) => void;
  readonly hours: string;
  readonly setHours: (hours: string) => void;
}

function Why({ note, setNote, hours, setHours }: WhyProps) {
  return (
    <>
      <p>Webhooks are still taken. Their changes wait, and nothing is lost.</p>
      <label>
        Why
        <input
          required
          maxLength={500}
          value={note}
          onInput={({ currentTarget }) => setNote(currentTarget.value)}
        />
      </label>
      <label>
        How long
        <select value={hours} onChange={({ currentTarget }) => setHours(currentTarget.value)}>
          {spans.map(([value, words]) => (
            <option key={value} value={value}>
              {words}
            </option>
          ))}
        </select>
      </label>
    </>
  );
}
