import fc from 'fast-check';
import { expect, test } from 'vitest';
import { linkPageReport, linkReport } from '../../src/http/link-report.ts';
import { withoutEmailAddresses } from '../../src/lib/without-email-addresses.ts';
import { processorMsOf } from '../processor-time.ts';

const link = {
  source: 'newsletter',
  recordId: 'maria.jensen@example.com',
  customerId: '10542',
  origin: 'operator',
  since: '2026-11-23T12:00:00.000Z',
} as const;

test('a record whose id is an e-mail address is listed without it', () => {
  const { links } = linkPageReport({ links: [link, { ...link, recordId: 'contact-7' }] });
  expect(links.map(({ recordId }) => recordId)).toEqual(['[e-mail address]', 'contact-7']);
});

test('who asks for one link sees it as asked for', () => {
  expect(linkReport(link)).toEqual(link);
});

test.each([
  [
    'the record maria@example.com is not linked; emailAddress: none',
    'the record [e-mail address] is not linked; emailAddress: none',
  ],
  ['<a@b.c>, "d@e"', '<[e-mail address]>, "[e-mail address]"'],
  ['contact-7 @ shop', 'contact-7 @ shop'],
])('%s', (text, expected) => {
  expect(withoutEmailAddresses(text)).toBe(expected);
});

test('whatever the address, nothing of it is left', () => {
  fc.assert(
    fc.property(fc.emailAddress(), (address) => {
      // A quoted local part may hold everything; senders' record ids do not.
      fc.pre(!/["(),:;<>[\]]/.test(address));
      expect(withoutEmailAddresses(`record ${address} is`)).toBe('record [e-mail address] is');
    }),
  );
});

test('a text of a million characters takes no time', async () => {
  const ms = await processorMsOf(() => withoutEmailAddresses('a'.repeat(1_000_000)));
  // It takes about half a second, in quadratic time hours.
  expect(ms).toBeLessThan(10_000);
});
