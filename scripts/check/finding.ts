/** What the check says about one thing. `unsure`: it could not be tried, and may be right. */
export interface Finding {
  readonly is: 'ok' | 'bad' | 'unsure';
  readonly words: string;
}

export const ok = (words: string): Finding => ({ is: 'ok', words });
export const bad = (words: string): Finding => ({ is: 'bad', words });
export const unsure = (words: string): Finding => ({ is: 'unsure', words });
