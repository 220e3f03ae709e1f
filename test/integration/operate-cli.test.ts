import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Stack } from '../../local/stack.ts';
import { type Ran, runScript } from '../scripts/run-script.ts';
import { changesOf, functionKey, untilNothingIsPending } from './operator.ts';
import { newCustomer, outcomeOf, postCanonical, startRelay } from './relay-under-test.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startRelay();
});
afterAll(() => stack?.stop());

const settings = () => ({ RELAY_URL: stack.host.url, RELAY_KEY: functionKey, RELAY_OPERATOR: 'Zoë Ł' });

/** `npm run deliveries -- …` of an operator who has the key. */
const deliveries = (...args: string[]): Promise<Ran> => runScript('deliveries', args, settings());

async function send(customerId: string, fields: object): Promise<string> {
  return (await outcomeOf(stack, await postCanonical(stack, { customer: { customerId }, fields })))
    .deliveryId;
}

test('issues are listed, muted, counted by a dry run and replayed by themselves', async () => {
  await send('99999811', { FirstName: 'Ada' });
  await send('99999812', { FirstName: 'Bo' });
  await send(newCustomer(stack), { FirstName: 'Cy', EmailAddress: 'at home' });
  const { code, out } = await deliveries('issues', '--status', 'open');
  expect(code).toBe(0);
  expect(out).toMatch(/^left-out-\w+ +in-house +\S.* +EmailAddress +1 +1 /m);
  const [, id = ''] = /^(parked-\w+) +in-house +customer-not-found +- +2 +2 /m.exec(out) ?? [];
  expect(id).not.toBe('');

  const dry = await deliveries('replay', '--issue', id, '--dry-run');
  expect(dry).toMatchObject({
    code: 0,
    out: 'Would be replayed: 2 deliveries with 2 such changes. Nothing was.\n',
  });
  const byReason = await deliveries('replay', '--reason', 'customer-not-found', '--dry-run');
  expect(byReason.out).toBe(dry.out);
  expect(await changesOf(stack.host.url, { status: 'parked' })).toHaveLength(2);
  expect((await deliveries('replay', '--issue', id)).out).toBe('Replayed: 2. Could not be replayed: 0.\n');
  await untilNothingIsPending(stack.host.url);

  expect((await deliveries('mute', id)).out).toBe(`Muted: ${id}.\n`);
  expect((await deliveries('issues', '--status', 'open')).out).not.toContain(id);
  expect((await deliveries('unmute', id)).code).toBe(0);
  expect((await deliveries('issues', '--json')).out).toContain(id);
}, 120_000);

test('a customer is shown field by field, and compared', async () => {
  const customerId = newCustomer(stack);
  const id = await send(customerId, { FirstName: 'Ottilie' });
  const shown = await deliveries('customer', customerId);
  expect(shown.out).toMatch(new RegExp(`^FirstName +\\S+Z +\\S+Z +in-house +${id} +-$`, 'm'));
  expect(shown.out).not.toContain('Ottilie');
  expect((await deliveries('customer', customerId, '--compare')).out).toMatch(/^FirstName +equal$/m);
  const values = await deliveries('customer', customerId, '--compare', '--values', '--as', 'Eve');
  expect(values.out).toMatch(/^FirstName +equal +Ottilie$/m);
  expect((await deliveries('acts', '--act', 'show-values')).out).toMatch(
    new RegExp(`^\\S+Z +show-values +customer ${customerId} +Eve$`, 'm'),
  );
  expect((await deliveries('customer', customerId, '--values')).code).toBe(2);
}, 120_000);

test('a customer is paused and resumed, by the name of the environment', async () => {
  const subject = `customer:${newCustomer(stack)}`;
  expect((await deliveries('pauses')).out).toBe('Nothing is paused by hand.\n');
  const paused = await deliveries('pause', subject, '--note', 'two systems fight', '--for', '2h');
  expect(paused.out).toMatch(new RegExp(`^Paused: ${subject}, until \\S+Z\\.$`, 'm'));
  expect((await deliveries('pauses')).out).toMatch(
    new RegExp(`^${subject} .* Zoë Ł +two systems fight$`, 'm'),
  );
  expect((await deliveries('resume', subject)).out).toBe(`Resumed: ${subject}.\n`);
  expect((await deliveries('acts', '--limit', '1')).out).toMatch(
    new RegExp(`resume +${subject} +Zoë Ł$`, 'm'),
  );
  for (const wrong of [
    ['pause', subject],
    ['pause', subject, '--note', 'x', '--until', 'soon'],
    ['pause', subject, '--note', 'x', '--until', '2099-01-01', '--for', '2h'],
    ['pause'],
  ])
    expect([wrong, (await deliveries(...wrong)).code]).toEqual([wrong, 2]);
  expect((await deliveries('pause', 'everything', '--note', 'x')).code).toBe(1);
}, 120_000);
