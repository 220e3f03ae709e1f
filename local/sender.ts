import { hash } from 'node:crypto';
import { access, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { Unusable } from '../cli/errors.ts';
import { appFolder } from '../src/app-folder.ts';
import type { SourceEntry } from '../src/config/configuration.ts';

/** How a kind's vendor sends: lives in the kind's fixtures, `test/fixtures/<kind>/sender.ts`. */
export interface Sender {
  /** The sample payload's file name, beside the sender. */
  readonly sample: string;
  /** The headers with which the vendor would send these bytes to this address now. */
  headers(body: Uint8Array, secret: string, now: Date, url: URL): Record<string, string>;
  /** The headers that name what happened, for vendors that say it there. Absent: it is in the body. */
  topicHeaders?(topic: string): Record<string, string>;
  /** The sample as if it had happened just now: its own time and ids would be a repeat. Nobody else's payload is touched. */
  justNow?(sample: Buffer<ArrayBuffer>, now: Date): Buffer<ArrayBuffer>;
  /** Any payload as the vendor's protocol demands it, for those that put a secret into it. Absent: as it is. */
  body?(payload: Buffer<ArrayBuffer>, secret: string): Buffer<ArrayBuffer>;
  /** The address that the vendor calls, for those that carry a secret in it. Absent: the webhook's own. */
  url?(webhook: URL, secret: string): URL;
  /** The secret in the form that the vendor gives out. Absent: that of {@link localSecret}. */
  secret?(name: string): string;
  /** What relay.json must say for the sample to work; `vendorUrl` is where `answer` answers. */
  entry?(vendorUrl: string): Partial<Pick<SourceEntry, 'mapping' | 'options'>>;
  /** Its sample changes no customer: it makes a link to one. */
  readonly makesLink?: true;
  /** The vendor's own API, for events that only name a record: the JSON at a path with its query. */
  answer?(path: string, now: Date): unknown;
}

/** The sender of a kind. */
export async function senderOf(kind: string): Promise<Sender> {
  const file = join(fixturesOf(kind), 'sender.ts');
  const { sender } = (await import(pathToFileURL(file).href)) as { sender: Sender };
  return sender;
}

/** The sample of a kind's vendor, given as it is stored, as it would be sent now. */
export function sampleSentNow(
  sender: Sender,
  stored: Buffer<ArrayBuffer>,
  secret: string,
  now: Date,
): Buffer<ArrayBuffer> {
  const happened = sender.justNow?.(stored, now) ?? stored;
  return sender.body?.(happened, secret) ?? happened;
}

/** Whether the samples are here: what is installed of the project may lack them. */
export const hasSample = (kind: string): Promise<boolean> =>
  access(join(fixturesOf(kind), 'sender.ts')).then(
    () => true,
    () => false,
  );

const fixturesOf = (kind: string): string => join(appFolder, 'test', 'fixtures', kind);

/** The secret that the local vault holds under this name: always the same, of no use anywhere else. */
export function localSecret(name: string): string {
  return `whsec_${hash('sha256', `customer-relay local secret ${name}`, 'base64')}`;
}

/** What is sent in place of the kind's sample. */
export interface ToSend {
  readonly file?: string | undefined;
  readonly topic?: string | undefined;
}

/**
 * Signs a payload as the source's vendor does, and posts it to the relay. Throws {@link Unusable} for a topic that the
 * kind's vendor does not send in a header.
 */
export async function sendDelivery(
  relayUrl: string,
  source: string,
  entry: SourceEntry,
  { file, topic }: ToSend = {},
): Promise<Response> {
  const sender = await senderOf(entry.kind);
  const [secretName = ''] = entry.secrets;
  const secret = sender.secret?.(secretName) ?? localSecret(secretName);
  const signed = await signedRequest(entry.kind, new URL(`${relayUrl}/api/webhooks/${source}`), secret, {
    file,
    topic,
  });
  const { url, headers, body } = signed;
  return fetch(url, { method: 'POST', headers, body });
}

/** The request with which the vendor of a kind would call a webhook now. Throws as {@link sendDelivery} does. */
export async function signedRequest(
  kind: string,
  webhook: URL,
  secret: string,
  { file, topic }: ToSend = {},
): Promise<{ url: URL; headers: Record<string, string>; body: Buffer<ArrayBuffer> }> {
  const sender = await senderOf(kind);
  const stored = await readFile(file ? resolve(file) : join(fixturesOf(kind), sender.sample));
  if (topic !== undefined && !sender.topicHeaders) {
    throw new Unusable(`${kind}: what happened is named in the body, not by --topic`);
  }
  const now = new Date();
  const body = file ? (sender.body?.(stored, secret) ?? stored) : sampleSentNow(sender, stored, secret, now);
  const url = sender.url?.(webhook, secret) ?? webhook;
  const headers = {
    ...sender.headers(body, secret, now, url),
    ...(topic !== undefined && sender.topicHeaders?.(topic)),
  };
  return { url, headers, body };
}

/** Follows the Location of a 202 until the delivery is no longer pending; the last answer. */
export async function followDelivery(response: Response, functionKey = ''): Promise<Response> {
  let last = response;
  let location = last.headers.get('location');
  // A vendor's own form of success is not a 202, but has the location, too.
  for (let pauseMs = 50; location && (last === response || last.status === 202); ) {
    if (!last.bodyUsed) await last.arrayBuffer();
    await delay(pauseMs);
    pauseMs = Math.min(pauseMs * 1.5, 500);
    last = await fetch(location, { headers: { 'x-functions-key': functionKey } });
    location = last.headers.get('location') ?? location;
  }
  return last;
}
