import { hash } from 'node:crypto';
import * as z from 'zod';
import type { DeliveryContent, SourceKind } from '../kind.ts';
import { equalsOneOf, hmacSha256 } from '../shared/hmac.ts';
import { parseJson } from '../shared/json-body.ts';
import { signedBodyId } from '../shared/signed-body-id.ts';
import { changesSince } from './changes-since.ts';
import { type Options, optionsSchema } from './options.ts';
import { subscription } from './subscription.ts';

const id = z.union([z.int(), z.string().regex(/^\d{1,20}$/)]);

/** A customer of the REST API, v1 to v3. An order has an id and a billing address, too, but no e-mail beside them. */
const customerSchema = z.looseObject({
  id,
  email: z.string(),
  // PHP writes what is empty as a list.
  billing: z.union([z.looseObject({}), z.array(z.unknown()).max(0)]),
  role: z.string().optional(),
  date_modified_gmt: z.string().nullish(),
});

const deletedSchema = z.object({ id });

/** What the REST API answers in place of a customer: the webhook sends it as it is. */
const errorSchema = z.object({ code: z.string().regex(/^\w{1,100}$/), message: z.string() });

const legacySchema = z.object({ customer: z.looseObject({}) });

/**
 * WooCommerce's webhooks. https://github.com/woocommerce/woocommerce (class-wc-webhook.php)
 * `X-WC-Webhook-Signature` is base64(HMAC-SHA256(secret, raw body)); headers and time are not signed. It never sends again.
 */
export const woocommerce: SourceKind<Options> = {
  name: 'woocommerce',
  options: optionsSchema,
  mapping: 'mappings/woocommerce.jsonata',
  trusted: false,
  /** The whole record comes each time. */
  isSnapshot: () => true,
  headersRead: /^x-wc-webhook-(topic|source|delivery-id)$/,
  changesSince,
  subscription,

  handshake({ method, body }) {
    return method === 'POST' && isPing(body) ? { status: 200 } : undefined;
  },

  verify({ headers, body }, { keys }) {
    const given = headers.get('x-wc-webhook-signature') ?? '';
    const candidates = keys.flatMap(({ text }) => [text, withoutEntities(text)]);
    return equalsOneOf(
      given,
      candidates.map((key) => hmacSha256(key, body).toString('base64')),
    );
  },

  read({ headers, body }, options) {
    const topic = headers.get('x-wc-webhook-topic') ?? '';
    if (options.shop !== undefined && !isShop(options.shop, headers.get('x-wc-webhook-source'))) {
      const reason = 'a webhook of another shop than options.shop';
      return { id: hash('sha256', body), topic, content: { type: 'ignored', reason } };
    }
    const payload = topic.startsWith('customer.') ? parseJson(body) : undefined;
    const content = contentOf(topic, payload, options);
    // An error in place of a customer is the same for every customer. It is parked, never sent: only there the id that
    // WooCommerce gives counts, which is not signed.
    const namesRecord = deletedSchema.safeParse(payload).success;
    const given = namesRecord ? '' : `:${headers.get('x-wc-webhook-delivery-id') ?? ''}`;
    const id = signedBodyId(topic, content, body);
    return { id: content.type === 'for-a-person' ? `${id}${given}` : id, topic, content };
  },
};

/** Whether a header names the shop: letter case of its host and a slash at the end do not count. */
function isShop(shop: string, source: string | null): boolean {
  const given = source === null ? null : URL.parse(source);
  return given?.href.replace(/\/$/, '') === new URL(shop).href.replace(/\/$/, '');
}

/** Saving a webhook sends this, without a signature, and wants exactly 200. */
function isPing(body: Uint8Array): boolean {
  return body.byteLength <= 40 && /^webhook_id=\d+$/.test(Buffer.from(body).toString('latin1'));
}

function contentOf(topic: string, payload: unknown, options: Options): DeliveryContent {
  switch (topic) {
    case 'customer.created':
    case 'customer.updated':
      return changeOf(payload, options);
    case 'customer.deleted':
      return deletion(payload);
    default:
      return { type: 'ignored', reason: topic ? "not a topic about a customer's data" : 'no topic' };
  }
}

function deletion(payload: unknown): DeliveryContent {
  const deleted = deletedSchema.safeParse(payload).data;
  const who = deleted ? `customer ${deleted.id}` : 'a customer';
  return { type: 'for-a-person', reason: `${who} was deleted in WooCommerce` };
}

/** WooCommerce never sends again: a body that cannot be read is parked. */
function changeOf(payload: unknown, { roles }: Options): DeliveryContent {
  const customer = customerSchema.safeParse(payload).data;
  if (customer) {
    const { role } = customer;
    return role !== undefined && roles && !roles.includes(role)
      ? { type: 'ignored', reason: `a user with the role ${role}` }
      : { type: 'changes', payload: customer };
  }
  const error = errorSchema.safeParse(payload).data;
  if (error) {
    return { type: 'for-a-person', reason: `WooCommerce sent an error instead of a customer: ${error.code}` };
  }
  if (legacySchema.safeParse(payload).success) {
    const reason = 'the form of the Legacy API v3: set the webhook to WP REST API Integration v3';
    return { type: 'for-a-person', reason };
  }
  return { type: 'for-a-person', reason: 'not a customer in the form of WP REST API Integration v3' };
}

const characters: ReadonlyMap<string, string> = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['#039', "'"],
  ['#39', "'"],
]);

/** The key is the secret with the characters that HTML escapes put back: WordPress may have escaped them on saving. */
function withoutEntities(secret: string): string {
  return secret.replace(/&(#?\w+);/g, (entity, name: string) => characters.get(name) ?? entity);
}
