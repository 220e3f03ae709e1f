import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { withLocalVendors, withSamples, writeRelayFile } from '../../../local/relay-file.ts';
import { localSecret, senderOf } from '../../../local/sender.ts';
import { type Stack, startStack } from '../../../local/stack.ts';
import { relayFileSchema, type SourceEntry } from '../../../src/config/configuration.ts';
import { startServer } from '../../test-server.ts';
import { type ChangeReport, functionKey, newCustomer, patchesOf, reportOf } from '../relay-under-test.ts';
import { type Sent, wires } from './wires.ts';

/** What became of a delivery: its changes, and what DirectScale got for the customer. */
export interface Became {
  readonly changes: readonly ChangeReport[];
  readonly patches: readonly unknown[];
}

/** A relay with a source for each of {@link wires}, and the vendors' APIs. */
export interface RelayWithVendors extends Pick<Stack, 'host' | 'sandbox'> {
  newCustomer(): string;
  /** What is sent in the name of a source, signed as its vendor signs it. */
  post(name: string, sent: Sent): Promise<Response>;
  /** Posts a payload of a source's mapping, and waits until nothing of it is pending. */
  deliver(name: string, payload: object, customerId: string): Promise<Became>;
  /** The same for what is sent as it is. */
  follow(name: string, sent: Sent, customerId: string): Promise<Became>;
  stop(): Promise<void>;
}

/** Starts it; `extra` is what relay.json says of each source besides. */
export async function startRelayWithVendors(
  extra: Partial<SourceEntry> = {},
  env: Readonly<Record<string, string>> = {},
): Promise<RelayWithVendors> {
  const records = new Map<string, object>();
  const vendors = await startServer((response, { url }) => {
    const [path = ''] = url.split(/[?&](?=include|properties)/);
    const answer = records.get(decodeURIComponent(path));
    response.writeHead(answer ? 200 : 404, { 'Content-Type': 'application/json' });
    response.end(JSON.stringify(answer ?? {}));
  });
  const folder = await mkdtemp(join(tmpdir(), 'real-data-'));
  const entries = Object.entries(wires).map(([name, { entry }]) => [
    name,
    {
      secrets: [`${name}-secret`],
      ...entry,
      ...extra,
      ...(entry.mapping && { mapping: resolve(entry.mapping) }),
    },
  ]);
  const { sources } = relayFileSchema.parse({ sources: Object.fromEntries(entries) });
  const api = { urlOf: () => vendors.url.origin, close: async () => undefined };
  const withApi = await withLocalVendors(await withSamples(sources, api), api);
  const relayConfig = await writeRelayFile({ sources: withApi }, folder);
  const stack = await startStack({ relayConfig, host: { functionKey, env } });

  const post = async (name: string, { body: text, records: told = {}, ...sent }: Sent): Promise<Response> => {
    for (const [path, record] of Object.entries(told)) records.set(path, record);
    const kind = wires[name]?.entry.kind ?? name;
    const sender = await senderOf(kind);
    const secretName = `${name}-secret`;
    const secret = sender.secret?.(secretName) ?? localSecret(secretName);
    const stored = Buffer.from(text);
    const body = sender.body?.(stored, secret) ?? stored;
    const webhook = new URL(`${stack.host.url}/api/webhooks/${name}`);
    const url = sender.url?.(webhook, secret) ?? webhook;
    const headers = { ...sender.headers(body, secret, new Date(), url), ...sent.headers };
    const kept = Object.entries(headers).filter(([header]) => !sent.withoutHeaders?.includes(header));
    return fetch(url, { method: 'POST', body, headers: Object.fromEntries(kept) });
  };
  const follow = async (name: string, sent: Sent, customerId: string): Promise<Became> => {
    const { changes } = await reportOf(stack, await post(name, sent));
    return { changes, patches: patchesOf(stack, customerId) };
  };
  return {
    host: stack.host,
    sandbox: stack.sandbox,
    newCustomer: () => newCustomer(stack),
    post,
    follow,
    deliver(name, payload, customerId) {
      const wire = wires[name];
      if (!wire) throw new Error(`no source ${name}`);
      return follow(name, wire.send(payload, customerId), customerId);
    },
    async stop() {
      await stack.stop();
      await vendors[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The sample of a source, about this customer, with other texts at some places. */
export function sampleFor(
  name: string,
  customerId: string,
  texts: Readonly<Record<string, unknown>> = {},
): object {
  const sample = wires[name]?.sample.payload ?? {};
  const copy: object = JSON.parse(JSON.stringify(sample).replaceAll('10542', customerId));
  for (const [place, text] of Object.entries(texts)) {
    const steps = place.split('.');
    const last = steps.pop() ?? '';
    const holder = steps.reduce((inner: unknown, step) => Reflect.get(Object(inner), step), copy);
    Reflect.set(Object(holder), last, text);
  }
  return copy;
}
