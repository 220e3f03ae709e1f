import { useState } from 'preact/hooks';
import { keepSession, readSession } from '../relay/session.ts';
import { Logo } from './logo.tsx';

interface KeyEntryProps {
  /** A key was given, and the relay refused it. */
  readonly wasRefused: boolean;
  readonly enter: () => void;
}

/** Asks for the function key, and for a name that goes into the list of acts. */
export function KeyEntry({ wasRefused, enter }: KeyEntryProps) {
  const before = readSession();
  const [key, setKey] = useState('');
  const [operator, setOperator] = useState(before.operator);
  const submit = (event: Event) => {
    event.preventDefault();
    keepSession({ key, operator });
    enter();
  };
  return (
    <main class="key-entry">
      <form onSubmit={submit}>
        <Logo />
        <h1>Customer Relay</h1>
        {wasRefused && (
          <p class="problem" role="alert">
            <strong>The relay refuses this key.</strong> It may have been renewed, or it is that of another
            app.
          </p>
        )}
        <label>
          Function key
          <input
            type="password"
            required
            autocomplete="off"
            spellcheck={false}
            value={key}
            onInput={({ currentTarget }) => setKey(currentTarget.value)}
            aria-describedby="key-hint"
          />
        </label>
        <p id="key-hint" class="hint">
          Of the function app: <code>az functionapp keys list</code>. It is kept for this tab and sent to this
          relay only.
        </p>
        <label>
          Your name
          <input
            autocomplete="off"
            maxLength={100}
            value={operator}
            onInput={({ currentTarget }) => setOperator(currentTarget.value)}
            aria-describedby="name-hint"
          />
        </label>
        <p id="name-hint" class="hint">
          Recorded with what you do: replays, links, pauses, values shown. Nobody checks it.
        </p>
        <button type="submit" class="primary">
          Open the console
        </button>
      </form>
    </main>
  );
}
