/** The name of a kind in its forms: `my-shop`, `myShop`, `My Shop`. */
export interface KindName {
  readonly kebab: string;
  readonly camel: string;
  readonly title: string;
}

export function kindName(kebab: string): KindName {
  const words = kebab.split('-');
  const capital = (word: string) => word.charAt(0).toUpperCase() + word.slice(1);
  return {
    kebab,
    camel: words[0] + words.slice(1).map(capital).join(''),
    title: words.map(capital).join(' '),
  };
}

/** Every file of a new kind by path. It works as it is: HMAC-SHA256 of the body in base64, one customer a webhook. */
export function filesOfKind(name: KindName): Readonly<Record<string, string>> {
  const { kebab } = name;
  return {
    [`src/sources/${kebab}/${kebab}.ts`]: kind(name),
    [`mappings/${kebab}.jsonata`]: mapping(name),
    [`test/fixtures/${kebab}/customer-updated.json`]: sample,
    [`test/fixtures/${kebab}/sender.ts`]: sender(name),
    [`test/sources/${kebab}.test.ts`]: unitTest(name),
    [`test/integration/sources/${kebab}.relay.json`]: relayFile(name),
    [`test/integration/sources/${kebab}.test.ts`]: integrationTest(name),
    [`docs/sources/${kebab}.md`]: page(name),
  };
}

const kind = ({ kebab, camel, title }: KindName) => `import * as z from 'zod';
import { type DeliveryContent, MalformedDelivery, type SourceKind } from '../kind.ts';
import { equalsOneOf, hmacSha256 } from '../shared/hmac.ts';
import { parseJson } from '../shared/json-body.ts';
import { signedBodyId } from '../shared/signed-body-id.ts';

const optionsSchema = z.strictObject({});

const customerSchema = z.looseObject({ id: z.union([z.string(), z.number()]) });

/**
 * ${title}'s webhooks. Fill in: the address of the page that describes them.
 * \`X-Signature\` is base64(HMAC-SHA256(secret, raw body)).
 */
export const ${camel}: SourceKind<z.infer<typeof optionsSchema>> = {
  name: '${kebab}',
  options: optionsSchema,
  mapping: 'mappings/${kebab}.jsonata',
  trusted: false,
  headersRead: /^x-event$/,

  verify({ headers, body }, { keys }) {
    const expected = keys.map(({ bytes }) => hmacSha256(bytes, body).toString('base64'));
    return equalsOneOf(headers.get('x-signature') ?? '', expected);
  },

  read({ headers, body }) {
    const topic = headers.get('x-event') ?? '';
    const content = contentOf(topic, body);
    return { id: signedBodyId(topic, content, body), topic, content };
  },
};

function contentOf(topic: string, body: Uint8Array): DeliveryContent {
  if (!/^customer\\.(created|updated)$/.test(topic)) {
    return { type: 'ignored', reason: 'not a topic about customer data' };
  }
  const customer = customerSchema.safeParse(parseJson(body));
  if (!customer.success) throw new MalformedDelivery('The body must be a customer of ${title}.');
  return { type: 'changes', payload: customer.data };
}
`;

const mapping = ({ title }: KindName) => `/* ${title}'s customers. What is absent is not sent. */
{
  "customer": { "customerId": directscale_id },
  "recordId": $string(id),
  "occurredAt": updated_at,
  "fields": {
    "FirstName": first_name,
    "LastName": last_name,
    "EmailAddress": email
  }
}
`;

const sample = `{
  "id": 4711,
  "directscale_id": "10542",
  "first_name": "Maria",
  "last_name": "Jensen",
  "email": "maria.jensen@example.com",
  "updated_at": "2026-11-20T21:03:22Z"
}
`;

const sender = (_: KindName) => `import { createHmac } from 'node:crypto';
import type { Sender } from '../../../local/sender.ts';

/** Fill in: the address of the page that describes how it signs. */
export const sender: Sender = {
  sample: 'customer-updated.json',
  headers: (body, secret) => ({
    'Content-Type': 'application/json',
    'X-Event': 'customer.updated',
    'X-Signature': createHmac('sha256', secret).update(body).digest('base64'),
  }),
  topicHeaders: (topic) => ({ 'X-Event': topic }),
};
`;

const unitTest = ({ kebab, camel }: KindName) => `import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { MalformedDelivery } from '../../src/sources/kind.ts';
import { ${camel} as kind } from '../../src/sources/${kebab}/${kebab}.ts';
import { sender } from '../fixtures/${kebab}/sender.ts';
import { mappingOf } from '../mapping/mapping-result.ts';
import { keptOf, keysOf } from './keys.ts';

const now = new Date('2026-11-20T21:05:00Z');
const url = new URL('https://relay.example.com/api/webhooks/${kebab}');
const sample = await readFile(\`test/fixtures/${kebab}/\${sender.sample}\`);
const read = (body: Uint8Array, headers = sender.headers(body, 'secret', now, url)) =>
  kind.read(keptOf(kind, headers, body), {});

test('only what is signed with one of the secrets is accepted', () => {
  const headers = new Headers(sender.headers(sample, 'secret', now, url));
  const verify = (body: Uint8Array, secrets: string[]) =>
    kind.verify({ method: 'POST', url, headers, body }, { options: {}, keys: keysOf(secrets), now });
  expect(verify(sample, ['another', 'secret'])).toBe(true);
  expect(verify(sample, ['another'])).toBe(false);
  expect(verify(sample, [])).toBe(false);
  expect(verify(Buffer.concat([sample, Buffer.from(' ')]), ['secret'])).toBe(false);
});

describe('what a delivery says', () => {
  test('the sample, by the mapping', async () => {
    const { content } = read(sample);
    if (content.type !== 'changes') throw new Error(content.type);
    const file = 'mappings/${kebab}.jsonata';
    const mapped = await mappingOf(file, await readFile(file, 'utf8')).map(content.payload, now);
    expect(mapped).toMatchObject({
      ok: true,
      changes: [{ fields: { FirstName: 'Maria', LastName: 'Jensen', EmailAddress: 'maria.jensen@example.com' } }],
    });
  });

  test('a repeat has the same id, another change another one', () => {
    const another = Buffer.from(sample.toString('utf8').replace('Maria', 'Mary'));
    expect(read(sample).id).toBe(read(sample).id);
    expect(read(another).id).not.toBe(read(sample).id);
  });

  test('another topic is ignored', () => {
    expect(read(sample, { 'X-Event': 'order.created' }).content.type).toBe('ignored');
  });

  test('a body that is no customer is refused', () => {
    expect(() => read(Buffer.from('[]'))).toThrow(MalformedDelivery);
  });
});
`;

const relayFile = ({ kebab }: KindName) => `{
  "sources": {
    "${kebab}": { "kind": "${kebab}", "secrets": ["${kebab}-webhook-secret"] }
  }
}
`;

const integrationTest = ({ kebab, title }: KindName) => `import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { localSecret } from '../../../local/sender.ts';
import { sender } from '../../fixtures/${kebab}/sender.ts';
import { relayFor } from './relay-for.ts';

const relay = relayFor('${kebab}');

test('a webhook of ${title} changes the customer', async () => {
  const text = await readFile(\`test/fixtures/${kebab}/\${sender.sample}\`, 'utf8');
  const body = Buffer.from(text.replace('10542', relay.customerId));
  const url = new URL(\`\${relay.host.url}/api/webhooks/${kebab}\`);
  const headers = sender.headers(body, localSecret('${kebab}-webhook-secret'), new Date(), url);
  const response = await relay.post('${kebab}', body, headers);
  expect(response.status).toBe(202);
  expect(await relay.outcomeOf(response)).toMatchObject({ status: 'applied' });
  expect(relay.patches()).toMatchObject([{ FirstName: 'Maria', LastName: 'Jensen' }]);
});
`;

const page = ({ kebab, title }: KindName) => `# ${title}

Kind \`${kebab}\`. Fill in: what it is, and where its webhooks are described.

## Set up

1. \`npm run add-source -- ${kebab} ${kebab}\` writes the entry into \`relay.json\`.
2. In ${title} add the webhook \`https://APP.azurewebsites.net/api/webhooks/${kebab}\` for created and updated customers.
3. Put the signing secret into the vault under the name in \`relay.json\`.
4. \`npm run check\`.

## What is sent

| ${title} | DirectScale |
| --- | --- |
| \`directscale_id\` | the customer |
| \`first_name\`, \`last_name\`, \`email\` | \`FirstName\`, \`LastName\`, \`EmailAddress\` |
`;
