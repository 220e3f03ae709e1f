import { useEffect } from 'preact/hooks';
import { go } from './address.ts';
import { places } from './places.ts';

/** What the keyboard does, for the help and for screen readers. */
export const keyHelp: readonly (readonly [keys: string, what: string])[] = [
  ['j', 'next line'],
  ['k', 'line before'],
  ['Enter', 'open the line'],
  ['/', 'go to the search or filter'],
  ['r', 'replay the line, or what is shown: it asks first'],
  ['u', 'ask the relay again'],
  ...places.map(({ key, name }) => [`g ${key}`, `go to ${name}`] as const),
  ['?', 'this help'],
  ['Esc', 'close'],
];

/**
 * Listens to the whole page. A control says by `data-key` that a key is its own, a line of a list by `data-line` that
 * `j` and `k` stop at it. Typing in a field is left alone.
 */
export function useKeys(): void {
  useEffect(() => {
    let isAfterG = false;
    const press = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || isTyping(event.target))
        return;
      if (document.querySelector('dialog[open]')) return;
      const place = isAfterG ? places.find(({ key }) => key === event.key) : undefined;
      isAfterG = event.key === 'g';
      if (place) go(place.hash);
      else if (event.key === 'j') stepLine(1);
      else if (event.key === 'k') stepLine(-1);
      else if (!pressControl(event.key)) return;
      event.preventDefault();
    };
    document.addEventListener('keydown', press);
    return () => document.removeEventListener('keydown', press);
  }, []);
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches('input, textarea, select, [contenteditable]');
}

/** Moves the focus to the line after or before the one that has it; from nowhere to the first one. */
function stepLine(by: 1 | -1): void {
  const lines = [...document.querySelectorAll<HTMLElement>('[data-line]')];
  const at = lines.findIndex(
    (line) => line === document.activeElement || line.closest('tr, li')?.contains(document.activeElement),
  );
  const next = at < 0 ? lines[0] : lines[Math.min(lines.length - 1, Math.max(0, at + by))];
  next?.focus();
  next?.scrollIntoView({ block: 'nearest' });
}

/** The control of this key: the one in the line that has the focus, else the first of the page. */
function pressControl(key: string): boolean {
  const selector = `[data-key="${CSS.escape(key)}"]`;
  const line = document.activeElement?.closest('tr, li');
  const control = line?.querySelector<HTMLElement>(selector) ?? document.querySelector<HTMLElement>(selector);
  if (!control) return false;
  if (control.matches('input, select, textarea')) control.focus();
  else control.click();
  return true;
}
