import { createHmac, createSecretKey } from 'node:crypto';
import * as z from 'zod';
import type { VerificationContext, WebhookRequest } from '../kind.ts';
import { equalsOneOf } from '../shared/hmac.ts';
import { basicCredentials, headerName, isSecret } from '../shared/shared-secret.ts';
import { isRecent, toleranceSeconds } from '../shared/signed-time.ts';
import type { SecretForm, SigningKey } from '../signing-key.ts';

const secretInHeader = z.strictObject({
  by: z.literal('header'),
  header: headerName,
  prefix: z.string().default('').describe('What comes before the secret, for instance "Bearer ".'),
});

const basic = z.strictObject({ by: z.literal('basic') });

const secretInQuery = z.strictObject({ by: z.literal('query'), parameter: z.string().min(1) });

const timestamp = z.strictObject({
  header: headerName,
  toleranceSeconds: z.int().min(1).max(3600).default(toleranceSeconds),
});

const hmac = z
  .strictObject({
    by: z.literal('hmac'),
    header: headerName,
    algorithm: z.enum(['sha256', 'sha512', 'sha384', 'sha1']).default('sha256'),
    encoding: z.enum(['hex', 'base64', 'base64url']).default('hex'),
    prefix: z.string().default('').describe('What comes before the signature, for instance "sha256=".'),
    key: z.enum(['text', 'hex', 'base64']).default('text').describe('What the secret in the vault is.'),
    signed: z
      .string()
      .default('{body}')
      .describe('What is signed: {body} once and, with a timestamp, {timestamp}; anything else is literal.'),
    timestamp: timestamp.optional().describe('A signed time; what is older or ahead is refused.'),
  })
  .refine(({ signed }) => signed.split('{body}').length === 2, {
    error: 'must hold {body} exactly once',
    path: ['signed'],
  })
  .refine((options) => options.signed.includes('{timestamp}') === Boolean(options.timestamp), {
    error:
      'must hold {timestamp} when there is a timestamp, and only then: one that is not signed proves nothing',
    path: ['signed'],
  });

/** The ways to know a sender of kind `generic`. */
export const authenticationSchema = z.discriminatedUnion('by', [secretInHeader, basic, secretInQuery, hmac]);

type Hmac = z.infer<typeof hmac>;

/** What the secrets are that this way needs. */
export function secretFormOf(options: z.infer<typeof authenticationSchema>): SecretForm {
  if (options.by === 'basic') return 'user-and-password';
  return options.by === 'hmac' ? options.key : 'text';
}

/** Whether the time of sending is signed. */
export function signsTime(options: z.infer<typeof authenticationSchema>): boolean {
  return options.by === 'hmac' && options.timestamp !== undefined;
}

/** Whether a request holds one of the secrets, in the configured way. Constant time; never throws. */
export function isAuthentic(
  request: WebhookRequest,
  { options, keys, now }: VerificationContext<z.infer<typeof authenticationSchema>>,
): boolean {
  const { headers, url } = request;
  switch (options.by) {
    case 'header':
      return isSecret(withoutPrefix(headers.get(options.header), options.prefix), keys);
    case 'basic':
      return isSecret(basicCredentials(headers), keys);
    case 'query':
      return isSecret(url.searchParams.get(options.parameter), keys);
    case 'hmac':
      return isSigned(request, options, keys, now);
  }
}

function isSigned(
  { headers, body }: WebhookRequest,
  options: Hmac,
  keys: readonly SigningKey[],
  now: Date,
): boolean {
  const given = withoutPrefix(headers.get(options.header), options.prefix);
  const time = options.timestamp ? (headers.get(options.timestamp.header) ?? '') : '';
  if (
    given === undefined ||
    (options.timestamp && !isRecent(timeOf(time), now, options.timestamp.toleranceSeconds))
  ) {
    return false;
  }
  const [before = '', after = ''] = options.signed
    .split('{body}')
    .map((part) => part.replaceAll('{timestamp}', () => time));
  const expected = keys
    .map(({ bytes }) =>
      createHmac(options.algorithm, createSecretKey(bytes)).update(before).update(body).update(after),
    )
    .map((signature) => signature.digest(options.encoding));
  return equalsOneOf(options.encoding === 'hex' ? given.toLowerCase() : given, expected);
}

/** The time that an authentic request signs, in ISO 8601; undefined: it signs none. */
export function signedTimeOf(
  { headers }: WebhookRequest,
  options: z.infer<typeof authenticationSchema>,
): string | undefined {
  if (options.by !== 'hmac' || !options.timestamp) return undefined;
  return new Date(timeOf(headers.get(options.timestamp.header) ?? '')).toISOString();
}

const iso = z.iso.datetime({ offset: true });

/** Unix seconds or milliseconds, ISO 8601 with a zone, or an HTTP date, in ms since 1970; NaN for any other text. */
function timeOf(text: string): number {
  if (/^\d{9,11}$/.test(text)) return Number(text) * 1000;
  if (/^\d{12,14}$/.test(text)) return Number(text);
  const isHttpDate = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/.test(text);
  return isHttpDate || iso.safeParse(text).success ? Date.parse(text) : Number.NaN;
}

function withoutPrefix(value: string | null, prefix: string): string | undefined {
  return value?.startsWith(prefix) ? value.slice(prefix.length) : undefined;
}
