import { useState } from 'preact/hooks';
import { ProblemNote } from '../../parts/page.tsx';
import { readLinks } from './csv.ts';
import { type Imported, sendLinks } from './send-links.ts';

/** Imports a file of links; what is wrong in it is told by line, the rest is written. */
export function ImportLinks({ done }: { readonly done: () => void }) {
  const [source, setSource] = useState('');
  const [file, setFile] = useState<File>();
  const [state, setState] = useState<string | Imported>();
  const submit = async (event: Event) => {
    event.preventDefault();
    if (!file) return;
    const lines = readLinks(await file.text(), source.trim());
    if (!lines) {
      const columns = source.trim() ? 'recordId,customerId' : 'source,recordId,customerId';
      return setState(`The first line must be ${columns}. Nothing was imported.`);
    }
    setState(`Sending ${lines.length} links …`);
    setState(await sendLinks(lines, (sent) => setState(`Sent ${sent} of ${lines.length} links …`)));
    done();
  };
  return (
    <form class="stack" onSubmit={submit}>
      <label>
        File
        <input
          type="file"
          required
          accept=".csv,text/csv"
          onChange={({ currentTarget }) => setFile(currentTarget.files?.[0])}
        />
      </label>
      <label>
        Source, if the file has no such column
        <input
          autocomplete="off"
          spellcheck={false}
          value={source}
          onInput={({ currentTarget }) => setSource(currentTarget.value)}
        />
      </label>
      {typeof state === 'string' && <p role="status">{state}</p>}
      {typeof state === 'object' && <Outcome imported={state} />}
      <div class="actions">
        <button type="submit" class="primary" disabled={!file}>
          Import
        </button>
      </div>
    </form>
  );
}

/** More lines nobody reads; the file is corrected and imported again. */
const shown = 20;

function Outcome({ imported: { written, unchanged, rejected, problem } }: { readonly imported: Imported }) {
  return (
    <div role="status">
      <p class="done">
        {written} written, {unchanged} unchanged, {rejected.length} rejected.
      </p>
      {rejected.length > 0 && (
        <ul class="violations">
          {rejected.slice(0, shown).map(({ line, reason }) => (
            <li key={line}>
              line {line}: {reason}
            </li>
          ))}
          {rejected.length > shown && <li>and {rejected.length - shown} more</li>}
        </ul>
      )}
      {problem && <ProblemNote problem={problem} />}
    </div>
  );
}
