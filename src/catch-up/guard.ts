import * as z from 'zod';
import type { Source } from '../config/source.ts';
import { SecretMissing, SecretStoreUnavailable } from '../secrets/secret-store.ts';
import type { Secrets } from '../secrets/secrets.ts';
import { withFreshSecrets } from '../secrets/with-fresh-secrets.ts';
import type { SubscriptionState } from '../sources/subscription.ts';

/** What is known of the relay's subscription with the vendor of a source. Holds no secret. */
export const guardReportSchema = z.object({
  source: z.string(),
  checkedAt: z.iso.datetime(),
  state: z
    .enum(['as-it-should-be', 'broken', 'not-told', 'unavailable'])
    .describe(
      'not-told: this vendor, or this configuration, cannot be asked. unavailable: it could not be asked now.',
    ),
  problems: z.array(z.string()).describe('What is wrong, in words.'),
  endsAt: z.string().optional().describe('When the vendor lets it run out.'),
  isRepaired: z.boolean().optional().describe('The relay put it right when it was looked at.'),
});
export type GuardReport = z.infer<typeof guardReportSchema>;

export interface GuardContext {
  readonly secrets: Secrets;
  /** Deadline of one call, in ms. */
  readonly timeoutMs: number;
  /** Where senders reach the relay; undefined: nothing says it. */
  readonly address: string | undefined;
  readonly now: () => Date;
}

/** What ends before the day after tomorrow is renewed, or told: the timer looks once a day. */
const endsSoonMs = 48 * 3_600_000;
/** More than anybody reads. */
const problemsKept = 20;

/**
 * Asks the vendor of a source whether it still sends its webhooks here, and with `repair` puts right what is wrong. Undefined:
 * the kind has no such question. Never throws for what the vendor or the vault answers.
 */
export async function guardSubscription(
  source: Source,
  { repair }: { readonly repair: boolean },
  context: GuardContext,
): Promise<GuardReport | undefined> {
  if (!source.kind.subscription) return undefined;
  const looked = reportOf(source, await ask(source, 'look', context), context);
  if (!repair || looked.state !== 'broken') return looked;
  const repaired = reportOf(source, await ask(source, 'repair', context), context);
  return { ...repaired, ...(repaired.state === 'as-it-should-be' && { isRepaired: true }) };
}

async function ask(
  { name, kind, options, secretNames }: Source,
  what: 'look' | 'repair',
  { secrets, timeoutMs, address }: GuardContext,
): Promise<SubscriptionState> {
  const guard = kind.subscription;
  if (!guard || address === undefined)
    return { type: 'not-told', reason: 'the address of the relay is not known: set PUBLIC_URL' };
  const wanted = { url: new URL(`${address}/api/webhooks/${name}`), secretNames };
  try {
    return await withFreshSecrets(secrets, (secret) => guard[what](wanted, { options, secret, timeoutMs }));
  } catch (error) {
    if (error instanceof SecretMissing || error instanceof SecretStoreUnavailable)
      return { type: 'not-told', reason: error.message };
    throw error;
  }
}

function reportOf({ name }: Source, told: SubscriptionState, { now }: GuardContext): GuardReport {
  const about = { source: name, checkedAt: now().toISOString() };
  switch (told.type) {
    case 'found': {
      const { endsAt } = told;
      const problems = [...told.problems, ...endingSoon(endsAt, now())].slice(0, problemsKept);
      const state = problems.length > 0 ? ('broken' as const) : ('as-it-should-be' as const);
      return { ...about, state, problems, ...(endsAt !== undefined && { endsAt }) };
    }
    case 'not-told':
      return { ...about, state: 'not-told', problems: [told.reason] };
    case 'unavailable':
      return { ...about, state: 'unavailable', problems: [`the vendor did not answer${statusOf(told)}`] };
    case 'refused-by-vendor':
      return { ...about, state: 'unavailable', problems: [`the vendor refuses the token${statusOf(told)}`] };
  }
}

const statusOf = ({ status }: { readonly status?: number }): string =>
  status === undefined ? '' : ` (${status})`;

function endingSoon(endsAt: string | undefined, now: Date): string[] {
  if (endsAt === undefined || !(Date.parse(endsAt) < now.getTime() + endsSoonMs)) return [];
  return [`ends at ${endsAt}`];
}
