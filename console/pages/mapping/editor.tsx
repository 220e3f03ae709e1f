import { useRef } from 'preact/hooks';

interface EditorProps {
  readonly label: string;
  readonly text: string;
  readonly change: (text: string) => void;
  readonly placeholder: string;
  readonly rows: number;
  /** The line that is wrong, from 1. */
  readonly at?: number | undefined;
}

/** A text of many lines, with their numbers. */
export function Editor({ label, text, change, placeholder, rows, at }: EditorProps) {
  const numbers = useRef<HTMLDivElement>(null);
  const lines = text.split('\n').length;
  return (
    <div class="editor">
      <div class="numbers" ref={numbers} aria-hidden="true">
        {Array.from({ length: lines }, (_, index) => (
          <span key={String(index)} class={index + 1 === at ? 'bad' : ''}>
            {index + 1}
          </span>
        ))}
      </div>
      <textarea
        aria-label={label}
        rows={rows}
        value={text}
        placeholder={placeholder}
        spellcheck={false}
        autocomplete="off"
        wrap="off"
        onInput={({ currentTarget }) => change(currentTarget.value)}
        onScroll={({ currentTarget }) => {
          if (numbers.current) numbers.current.scrollTop = currentTarget.scrollTop;
        }}
      />
    </div>
  );
}
