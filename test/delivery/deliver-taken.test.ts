import { randomBytes, randomInt } from 'node:crypto';
import { RestError } from '@azure/data-tables';
import { describe, expect, test } from 'vitest';
import { deliver } from '../../src/delivery/attempt/deliver.ts';
import { forgetCustomer } from '../../src/delivery/operate/forget.ts';
import type { Stores } from '../../src/delivery/store/stores.ts';
import type { CallResult } from '../../src/directscale/client.ts';
import { MappingUnusable } from '../../src/mapping/mapping-unusable.ts';
import { changeOf, crm, noon, setUp } from './relay-in-memory.ts';

/** Blanks after a JSON text that do not compress into a message. */
const padding = (): string => Array.from(randomBytes(260_000), (byte) => ' \t\r\n'[byte % 4]).join('');

const refused = (statusCode: number) => new RestError('refused', { statusCode });

describe('a delivery', () => {
  test('is read, applied and recorded, with its request', async () => {
    const { taken, delivered, records, calls, memory, messages, stores } = setUp();
    const taking = await taken([changeOf('7'), changeOf('8', { LastName: 'Berg' })]);
    const result = await delivered(taking);
    expect(calls.toSorted()).toEqual([
      ['7', { FirstName: 'Anna' }],
      ['8', { LastName: 'Berg' }],
    ]);
    expect(records()).toMatchObject([
      { deliveryId: taking.id, index: 0, source: 'crm', status: 'applied', customerId: '7', turn: 0 },
      { deliveryId: taking.id, index: 1, source: 'crm', status: 'applied', customerId: '8', turn: 0 },
    ]);
    expect(result).toEqual({ type: 'recorded', records: records() });
    expect(memory.requests.has(taking.id)).toBe(true);
    expect(messages()).toEqual([]);
    expect(await stores.states.deliveriesOf('8')).toEqual([taking.id]);
  });

  test('of which no row can hold a change: that one is parked, and nothing of it is written', async () => {
    const { taken, delivered, records, calls } = setUp();
    // Each letter is one of 40,960: texts that hardly compress.
    const anyText = () =>
      String.fromCharCode(...Array.from({ length: 500 }, () => randomInt(0x3000, 0xd000)));
    const AssociateCustom = Object.fromEntries(
      Array.from({ length: 999 }, (_, index) => [`Field${index + 1}`, anyText()]),
    );
    await delivered(await taken([changeOf('7', { AssociateCustom }), changeOf('8')]));
    expect(records()).toMatchObject([
      { customerId: '7', status: 'parked', reason: 'too-large' },
      { customerId: '8', status: 'applied' },
    ]);
    expect(calls.map(([customerId]) => customerId)).toEqual(['8']);
  });

  test('of which a change fails is recorded, and that change is in the queue again', async () => {
    const { taken, delivered, records, answers, memory, stores } = setUp();
    answers.push({ outcome: 'unavailable', reason: 'server-error', inDoubt: true, status: 500 });
    const taking = await taken(changeOf('7'));
    await delivered(taking);
    expect(records()).toMatchObject([
      { status: 'pending', failedAttempts: 1, turn: 1, reason: 'server-error' },
    ]);
    expect(memory.messages).toMatchObject([
      { content: { deliveryId: taking.id, index: 0, turn: 1 }, visibleAt: noon + 5000 },
    ]);
    expect(await stores.states.deliveriesOf('7')).toEqual([taking.id]);
  });

  test('that says nothing usable is parked whole', async () => {
    const { taken, delivered, records, memory, calls } = setUp();
    const taking = await taken({ nonsense: 1 });
    await delivered(taking);
    expect(records()).toMatchObject([
      { status: 'parked', reason: 'unmappable', violations: expect.any(Array) },
    ]);
    expect(memory.requests.has(taking.id)).toBe(true);
    expect(calls).toEqual([]);
  });

  test('of a source that is not configured any more is parked whole', async () => {
    const { taken, delivered, records, sources, memory } = setUp();
    const taking = await taken(changeOf('7'));
    sources.clear();
    await delivered(taking);
    expect(records()).toMatchObject([{ status: 'parked', reason: 'unmappable', source: 'crm' }]);
    expect(memory.requests.has(taking.id)).toBe(true);
  });

  test('that was stored first because it is large is read back', async () => {
    const { taken, delivered, records, memory, calls } = setUp();
    const taking = await taken([changeOf('7'), changeOf('8')], 'msg-1', padding());
    expect(taking.body).toBeUndefined();
    const kept = memory.requests.get(taking.id);
    expect(await delivered(taking)).toMatchObject({ type: 'recorded' });
    expect(records().map(({ status }) => status)).toEqual(['applied', 'applied']);
    expect(calls.map(([customerId]) => customerId).toSorted()).toEqual(['7', '8']);
    expect(memory.requests.get(taking.id)).toBe(kept);
  });
});

describe('what comes again', () => {
  test('a repeat makes no second record, and says which delivery it repeats', async () => {
    const { taken, delivered, records, calls, pass, messages } = setUp();
    const first = await taken(changeOf('7'));
    await delivered(first);
    const before = records();
    pass(60_000);
    const repeat = await taken(changeOf('7'));
    expect(repeat.id).not.toBe(first.id);
    expect(await delivered(repeat)).toEqual({ type: 'repeat', deliveryId: first.id });
    expect(records()).toEqual(before);
    expect(calls).toHaveLength(1);
    expect(messages()).toEqual([]);
  });

  test('of a repeat nothing is kept, though it was stored first because it is large', async () => {
    const { taken, delivered, memory, pass } = setUp();
    const spaces = padding();
    const first = await taken(changeOf('7'), 'msg-1', spaces);
    await delivered(first);
    pass(60_000);
    const repeat = await taken(changeOf('7'), 'msg-1', spaces);
    expect([...memory.requests.keys()]).toEqual([first.id, repeat.id]);
    expect(await delivered(repeat)).toEqual({ type: 'repeat', deliveryId: first.id });
    expect([...memory.requests.keys()]).toEqual([first.id]);
  });

  test.each<[string, CallResult[], messages: number]>([
    ['that is done', [], 0],
    ['that is pending', [{ outcome: 'unavailable', reason: 'server-error', inDoubt: true, status: 500 }], 1],
    ['that is parked', [{ outcome: 'rejected', status: 400 }], 0],
  ])('the same message of a delivery %s does nothing', async (_, given, messageCount) => {
    const { taken, delivered, records, calls, answers, messages } = setUp();
    answers.push(...given);
    const taking = await taken(changeOf('7'));
    await delivered(taking);
    const before = records();
    expect(await delivered(taking)).toEqual({ type: 'recorded', records: before });
    expect(records()).toEqual(before);
    expect(calls).toHaveLength(1);
    expect(messages()).toHaveLength(messageCount);
  });

  test('after a crash between the call and the record, the delivery is recorded once', async () => {
    const { taken, delivered, records, stores, contextOn } = setUp();
    const crash = { ...stores.records, create: () => Promise.reject(new Error('crash')) };
    const taking = await taken(changeOf('7'));
    await expect(delivered(taking, contextOn({ ...stores, records: crash }))).rejects.toThrow('crash');
    expect(records()).toEqual([]);
    await delivered(taking);
    expect(records()).toMatchObject([{ deliveryId: taking.id, status: 'unchanged' }]);
  });

  test('a message that comes before the record of its change waits for it', async () => {
    const { taken, delivered, records, stores, contextOn, answers, memory, workOff } = setUp();
    answers.push({ outcome: 'unavailable', reason: 'server-error', inDoubt: true, status: 500 });
    const slow: Stores['records'] = {
      ...stores.records,
      async create(...given) {
        const [early] = memory.messages.splice(0);
        if (early) await deliver(early.content, contextOn(stores), () => undefined);
        return stores.records.create(...given);
      },
    };
    const taking = await taken(changeOf('7'));
    await delivered(taking, contextOn({ ...stores, records: slow }));
    expect(records()).toMatchObject([{ status: 'pending' }]);
    await workOff();
    expect(records()).toMatchObject([{ status: 'applied' }]);
  });

  test('after a crash between the message of a change and its record, the change goes on', async () => {
    const { taken, delivered, records, stores, contextOn, answers, workOff } = setUp();
    answers.push({ outcome: 'unavailable', reason: 'server-error', inDoubt: true, status: 500 });
    const crash = { ...stores.records, create: () => Promise.reject(new Error('crash')) };
    const taking = await taken(changeOf('7'));
    await expect(delivered(taking, contextOn({ ...stores, records: crash }))).rejects.toThrow('crash');
    await workOff();
    expect(records()).toEqual([]);
    await delivered(taking);
    await workOff();
    expect(records()).toMatchObject([{ deliveryId: taking.id, status: 'applied' }]);
  });
});

describe('a delivery of more than 20 changes', () => {
  const changes = Array.from({ length: 21 }, (_, index) => changeOf(String(index + 1)));

  test('is recorded at once, and gives each of them a message', async () => {
    const { taken, delivered, records, calls, messages, memory, workOff } = setUp();
    const taking = await taken(changes);
    await delivered(taking);
    expect(calls).toEqual([]);
    expect(records().map(({ status }) => status)).toEqual(changes.map(() => 'pending'));
    expect(messages()).toEqual(changes.map((_, index) => ({ deliveryId: taking.id, index, turn: 0 })));
    expect(memory.requests.has(taking.id)).toBe(true);
    await workOff();
    expect(records().map(({ status }) => status)).toEqual(changes.map(() => 'applied'));
    expect(new Set(calls.map(([customerId]) => customerId)).size).toBe(21);
  });

  test('one of 20 is applied at once', async () => {
    const { taken, delivered, calls, messages } = setUp();
    await delivered(await taken(changes.slice(1)));
    expect(calls).toHaveLength(20);
    expect(messages()).toEqual([]);
  });

  test('after a crash between the records and the messages, the messages are sent', async () => {
    const { taken, delivered, records, messages, stores, contextOn, workOff } = setUp();
    const taking = await taken(changes);
    let sends = 0;
    const queue = {
      ...stores.queue,
      send: async (...call: Parameters<Stores['queue']['send']>) => {
        if (++sends > 5) throw new Error('crash');
        await stores.queue.send(...call);
      },
    };
    await expect(delivered(taking, contextOn({ ...stores, queue }))).rejects.toThrow('crash');
    expect(records()).toHaveLength(21);
    const before = messages().length;
    await delivered(taking);
    const indexes = messages()
      .slice(before)
      .flatMap((message) => ('index' in message ? message.index : []));
    expect(indexes).toEqual(changes.map((_, index) => index));
    await workOff();
    expect(records().map(({ status }) => status)).toEqual(changes.map(() => 'applied'));
  });

  test('the same message again sends none for what was attempted', async () => {
    const { taken, delivered, messages, workOff } = setUp();
    const taking = await taken(changes);
    await delivered(taking);
    await workOff();
    await delivered(taking);
    expect(messages()).toEqual([]);
  });
});

describe('what storage does not take', () => {
  test('for good (4xx) parks the change that it belongs to; the others are applied', async () => {
    const { taken, delivered, records, stores, contextOn, messages } = setUp();
    const states: Stores['states'] = {
      ...stores.states,
      write: (id, ...rest) => (id === '7' ? Promise.reject(refused(413)) : stores.states.write(id, ...rest)),
    };
    await delivered(await taken([changeOf('7'), changeOf('8')]), contextOn({ ...stores, states }));
    expect(records()).toMatchObject([
      {
        customerId: '7',
        status: 'parked',
        reason: 'storage-refused',
        attempts: [{ outcome: 'storage-refused' }],
      },
      { customerId: '8', status: 'applied' },
    ]);
    expect(messages()).toEqual([]);
  });

  test.each([401, 403, 429, 500, 503])(
    'for now (%i): the delivery is put back, the others are done',
    async (status) => {
      const { taken, records, stores, contextOn, memory } = setUp();
      const states: Stores['states'] = {
        ...stores.states,
        read: (id) => (id === '7' ? Promise.reject(refused(status)) : stores.states.read(id)),
      };
      const deliveries = [await taken(changeOf('7'), 'msg-1'), await taken(changeOf('8'), 'msg-2')];
      await deliver({ deliveries }, contextOn({ ...stores, states }), () => undefined);
      expect(records()).toMatchObject([{ customerId: '8', status: 'applied' }]);
      expect(memory.messages).toMatchObject([
        { content: { deliveries: [deliveries[0]] }, visibleAt: noon + 30_000 },
      ]);
    },
  );

  test('what nobody expects brings the whole message back, which does no harm to what is done', async () => {
    const { taken, records, stores, contextOn, context, messages } = setUp();
    const states: Stores['states'] = {
      ...stores.states,
      read: (id) => (id === '7' ? Promise.reject(new TypeError('a bug')) : stores.states.read(id)),
    };
    const deliveries = [await taken(changeOf('7'), 'msg-1'), await taken(changeOf('8'), 'msg-2')];
    const working = deliver({ deliveries }, contextOn({ ...stores, states }), () => undefined);
    await expect(working).rejects.toThrow('a bug');
    await deliver({ deliveries }, context, () => undefined);
    expect(records()).toHaveLength(2);
    expect(records().map(({ status }) => status)).toEqual(['applied', 'applied']);
    expect(messages()).toEqual([]);
  });
});

describe('a delivery that cannot be read now', () => {
  test('comes back until its mapping is put right', async () => {
    const { taken, delivered, records, sources, memory, calls, workOff, stores } = setUp();
    const broken = async () => {
      throw new MappingUnusable('mappings/crm.jsonata: line 3');
    };
    sources.set('crm', { ...crm, mapping: broken });
    const taking = await taken(changeOf('7'));
    expect(await delivered(taking)).toEqual({ type: 'put-back' });
    expect(memory.messages).toMatchObject([{ content: { deliveries: [taking] }, visibleAt: noon + 15_000 }]);
    expect([records(), calls]).toEqual([[], []]);
    expect(await stores.seen.claimOf(taking.id)).toBeUndefined();
    sources.set('crm', crm);
    await workOff();
    expect(records()).toMatchObject([{ deliveryId: taking.id, status: 'applied' }]);
  });
});

test('a delivery whose records storage refuses to keep is parked as it came, and its request is kept', async () => {
  const { taken, contextOn, stores, records, messages, memory } = setUp();
  const taking = await taken([changeOf('7'), changeOf('8')]);
  const create: typeof stores.records.create = async (changes, request) => {
    if (changes.length > 1) throw refused(400);
    return stores.records.create(changes, request);
  };
  const over = contextOn({ ...stores, records: { ...stores.records, create } });
  const told: string[] = [];
  await deliver({ deliveries: [taking] }, over, ({ reason = '' }) => told.push(reason));
  expect(records()).toMatchObject([{ deliveryId: taking.id, status: 'parked', reason: 'storage-refused' }]);
  expect(told).toEqual(['storage-refused']);
  expect(messages()).toEqual([]);
  expect(memory.requests.has(taking.id)).toBe(true);
});

describe('what is forgotten while it is in the queue', () => {
  test('a delivery leaves no record and no request, and is said to be forgotten', async () => {
    const { taken, delivered, records, stores, calls, memory, pass } = setUp();
    const taking = await taken(changeOf('7'));
    pass(1000);
    await forgetCustomer('7', stores, new Date(noon + 1000));
    expect(await delivered(taking)).toEqual({ type: 'forgotten' });
    expect([records(), calls, [...memory.requests]]).toEqual([[], [], []]);
    expect(await stores.seen.claimOf(taking.id)).toMatchObject({ isForgotten: true });
    expect(await stores.states.deliveriesOf('7')).toEqual([]);
    // The same message, and a repeat of the sender.
    expect(await delivered(taking)).toEqual({ type: 'forgotten' });
    pass(1000);
    expect(await delivered(await taken(changeOf('7')))).toMatchObject({ type: 'repeat' });
    expect([records(), calls]).toEqual([[], []]);
  });

  test('of two customers, the other one is applied, and the request, which names both, is not kept', async () => {
    const { taken, delivered, records, stores, calls, memory } = setUp();
    const taking = await taken([changeOf('7'), changeOf('8')]);
    await forgetCustomer('7', stores, new Date(noon));
    await delivered(taking);
    expect(records()).toMatchObject([{ customerId: '8', index: 1, status: 'applied' }]);
    expect(calls).toEqual([['8', { FirstName: 'Anna' }]]);
    expect([...memory.requests]).toEqual([]);
    expect(await stores.seen.claimOf(taking.id)).toMatchObject({ isForgotten: false });
  });

  test.each([
    ['all of it', ['7'], []],
    ['a part of it', ['7', '8'], ['8']],
  ])('of a request that was stored first because it is large, %s, nothing is kept', async (_, ids, left) => {
    const { taken, delivered, records, stores, memory } = setUp();
    const taking = await taken(
      ids.map((id) => changeOf(id)),
      'msg-1',
      padding(),
    );
    expect(memory.requests.has(taking.id)).toBe(true);
    await forgetCustomer('7', stores, new Date(noon));
    await delivered(taking);
    expect(records().map(({ customerId }) => customerId)).toEqual(left);
    expect([...memory.requests]).toEqual([]);
    await delivered(taking);
    expect(records().map(({ customerId }) => customerId)).toEqual(left);
  });

  test('a delivery of many changes that are recorded leaves no record, and is said to be forgotten', async () => {
    const { taken, delivered, records, stores, workOff, calls } = setUp();
    const changes = Array.from({ length: 21 }, (_, index) => changeOf(String(index + 1)));
    const taking = await taken(changes);
    await delivered(taking);
    for (const { customer } of changes) await forgetCustomer(customer.customerId, stores, new Date(noon));
    await workOff();
    expect([records(), calls]).toEqual([[], []]);
    expect(await stores.seen.claimOf(taking.id)).toMatchObject({ isForgotten: true });
  });
});
