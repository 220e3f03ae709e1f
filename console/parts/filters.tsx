import type { ComponentChildren } from 'preact';

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
