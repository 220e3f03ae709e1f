import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';

interface FiltersProps {
  /** What it searches, for screen readers. */
  readonly label: string;
  /** Absent: each control acts by itself. */
  readonly submit?: () => void;
  readonly children: ComponentChildren;
}

/** A row of controls above a list. */
export function Filters({ label, submit, children }: FiltersProps) {
  const act = (event: Event) => {
    event.preventDefault();
    submit?.();
  };
  return (
    <search aria-label={label}>
      <form class="filters" onSubmit={act}>
        {children}
      </form>
    </search>
  );
}

interface TextFilterProps {
  readonly label: string;
  /** As the address has it. */
  readonly value: string | undefined;
  readonly set: (value: string) => void;
  /** The key `/` leads to it. */
  readonly isFirst?: boolean;
}

/** Acts when it is left or entered, not at each letter. */
export function TextFilter({ label, value = '', set, isFirst }: TextFilterProps) {
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  return (
    <label>
      {label}
      <input
        type="search"
        autocomplete="off"
        spellcheck={false}
        value={text}
        {...(isFirst && { 'data-key': '/' })}
        onInput={({ currentTarget }) => setText(currentTarget.value)}
        onChange={({ currentTarget }) => set(currentTarget.value.trim())}
      />
    </label>
  );
}
