import type { ComponentChildren } from 'preact';

export type Tone = 'good' | 'wait' | 'bad' | 'warn' | 'quiet';

const tones: Readonly<Record<string, Tone>> = {
  applied: 'good',
  ready: 'good',
  open: 'bad',
  sent: 'good',
  pending: 'wait',
  unchanged: 'quiet',
  stale: 'quiet',
  ignored: 'quiet',
  muted: 'quiet',
  parked: 'bad',
  'not-ready': 'bad',
  returned: 'warn',
  degraded: 'warn',
};

/** A status as the docs name it; its colour says the same once more. */
export function Status({ of }: { readonly of: string }) {
  return <Badge tone={tones[of] ?? 'warn'}>{of}</Badge>;
}

export function Badge({ tone, children }: { readonly tone: Tone; readonly children: ComponentChildren }) {
  return <span class={`badge ${tone}`}>{children}</span>;
}
