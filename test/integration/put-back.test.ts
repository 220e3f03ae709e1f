import { QueueClient } from '@azure/storage-queue';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { watchSurroundings } from '../../local/forwarding-proxy.ts';
import { type FunctionHost, startFunctionHost } from '../../local/function-host.ts';
import { type Surroundings, startSurroundings } from '../../local/stack.ts';
import { poisonQueueName, queueName } from '../../src/delivery/record/queue-names.ts';
import { madeUpChanges } from './chaos/made-up-changes.ts';
import { call, changesOf, functionKey, until, untilNothingIsPending } from './operator.ts';

let surroundings: Surroundings;
beforeAll(async () => {
  surroundings = await startSurroundings({ relayConfig: 'test/integration/chaos/relay.json' });
});
afterAll(() => surroundings?.stop());

const isPutBack = (host: FunctionHost) => () => host.log().includes('a message waits');

test('a message that comes while no table can be opened, or while a setting is wrong, is no poison: it waits', async () => {
  const { env, sandbox } = surroundings;
  const [change] = madeUpChanges(1, ['10542']);
  if (!change) throw new Error('there is no change');
  const queue = (name: string) => new QueueClient(env.AzureWebJobsStorage ?? '', name);

  // To be opened for the first time.
  const watched = await watchSurroundings(surroundings, ({ to }) =>
    to === 'tables' ? { status: 403 } : 'go on',
  );
  let host = await startFunctionHost({ functionKey, env: watched.env });
  try {
    const { path, headers, body } = change;
    expect((await fetch(`${host.url}${path}`, { method: 'POST', headers, body })).status).toBe(202);
    await until(isPutBack(host), 'the delivery is put back');
    await host.stop();

    // Neither of them can be read.
    host = await startFunctionHost({ functionKey, env: { ...env, MAX_BODY_BYTES: 'many' } });
    expect(await (await call(host.url, 'health/details')).json()).toMatchObject({
      status: 'not-ready',
      storage: 'ready',
    });
    await queue(queueName).sendMessage('none of ours');
    await queue(poisonQueueName).createIfNotExists();
    await queue(poisonQueueName).sendMessage('none of ours either');
    const countOf = async (name: string) => (await queue(name).getProperties()).approximateMessagesCount;
    await until(async () => (await countOf(poisonQueueName)) === 0, 'the poison is put back');
    await until(async () => (await countOf(queueName)) === 3, 'all are in the queue');
    await host.stop();

    host = await startFunctionHost({ functionKey, env });
    const parked = () => changesOf(host.url, { status: 'parked' });
    await until(async () => (await parked()).length === 2, 'what cannot be read is parked', 60_000);
    await untilNothingIsPending(host.url, 60_000);
    expect(new Set((await parked()).map(({ reason }) => reason))).toEqual(new Set(['unreadable-message']));
    expect(sandbox.customers.get('10542')).toMatchObject(change.fields);
  } finally {
    await host.stop();
    await watched.close();
  }
}, 150_000);
