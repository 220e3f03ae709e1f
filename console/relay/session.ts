/**
 * The function key and the operator's name. Kept for this tab, by this origin: another tab asks again, and closing the
 * tab forgets them.
 */
export interface Session {
  readonly key: string;
  readonly operator: string;
}

const place = 'customer-relay';

/** What the operator entered in this tab; absent: nothing yet. */
export function readSession(): Session {
  const [key = '', operator = ''] = (sessionStorage.getItem(place) ?? '').split('\n');
  return { key, operator };
}

export function keepSession({ key, operator }: Session): void {
  sessionStorage.setItem(place, `${key.trim()}\n${operator.trim()}`);
}

export function forgetSession(): void {
  sessionStorage.removeItem(place);
}
