import { hash, randomUUID } from 'node:crypto';
import * as z from 'zod';
import { verifiedAsHeader } from '../kept-request.ts';
import type { Delivery, KeptRequest, SourceKind } from '../kind.ts';
import { parseForm } from '../shared/form-body.ts';
import { parseJson } from '../shared/json-body.ts';
import {
  authenticationSchema,
  isAuthentic,
  secretFormOf,
  signedTimeOf,
  signsTime,
} from './authentication.ts';

/** Never a header that may hold a secret or a signature, whatever the sender calls it: these are kept for a replay. */
const idHeader = /^(idempotency-key|(?!.*(auth|cookie|hmac|key|passw|secret|sign|token)).*id)$/;

const deliveryIdSchema = z
  .union([
    z.literal('body'),
    z.literal('none'),
    z.strictObject({
      header: z
        .string()
        .toLowerCase()
        .regex(/^[a-z0-9-]+$/)
        .regex(idHeader, { error: 'must be Idempotency-Key or the name of a header that ends in id' }),
    }),
    z.strictObject({ field: z.string().min(1) }),
  ])
  .describe(
    'How a repeat is known. {"header"} or {"field": "a.b"}: by an id that the sender gives. "body": by the same bytes, for bodies that hold the time of the change. "none": never; every request is a delivery of its own.',
  );

const optionsSchema = z.strictObject({
  authentication: authenticationSchema,
  deliveryId: deliveryIdSchema,
});

type Options = z.infer<typeof optionsSchema>;

/** Any other sender that can hold a secret or sign by HMAC. JSON or form bodies; always a mapping of its own. */
export const generic: SourceKind<Options> = {
  name: 'generic',
  options: optionsSchema,
  trusted: false,
  /** Nothing is known of its sender: a body may be the whole record. */
  isSnapshot: () => true,
  headersRead: new RegExp(`^content-type$|${idHeader.source}`),

  secretForm: ({ authentication }) => secretFormOf(authentication),
  signsTime: ({ authentication }) => signsTime(authentication),

  verify(request, { options, keys, now }) {
    return isAuthentic(request, { options: options.authentication, keys, now });
  },

  verifiedAs: (request, { options }) => signedTimeOf(request, options.authentication),

  read(request, options): Delivery {
    const payload = payloadOf(request);
    const signedTime = request.headers.get(verifiedAsHeader);
    const sentAt = signedTime ? { sentAt: new Date(signedTime) } : {};
    return { id: idOf(request, payload, options), ...sentAt, content: { type: 'changes', payload } };
  },
};

function payloadOf({ headers, body }: KeptRequest): unknown {
  const mediaType = headers.get('content-type')?.split(';')[0]?.trim().toLowerCase();
  return mediaType === 'application/x-www-form-urlencoded' ? parseForm(body) : parseJson(body);
}

function idOf(
  { headers, body }: KeptRequest,
  payload: unknown,
  { deliveryId, authentication }: Options,
): string {
  if (deliveryId === 'none') return randomUUID();
  const bodyHash = hash('sha256', body);
  if (deliveryId === 'body') return bodyHash;
  if ('header' in deliveryId) {
    // No header is signed by an HMAC. Where no time is signed either, a recorded body under another id must not count as new.
    if (authentication.by === 'hmac' && !signsTime(authentication)) return bodyHash;
    // With the hash, the header cannot pass one body off as another.
    return `${headers.get(deliveryId.header) ?? ''}:${bodyHash}`;
  }
  const id = deliveryId.field.split('.').reduce(member, payload);
  return typeof id === 'string' || typeof id === 'number' ? JSON.stringify(id) : bodyHash;
}

function member(value: unknown, name: string): unknown {
  const isObject = typeof value === 'object' && value !== null;
  return isObject && Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined;
}
