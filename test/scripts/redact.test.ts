import { expect, test } from 'vitest';
import { redactedSample } from '../../scripts/deliveries/redact.ts';

test('keeps the form of a payload and none of its personal values', () => {
  const payload = {
    id: 7012345678901,
    topic: 'customers/update',
    email: 'maria.jensen@example.org',
    name: 'Maria Jensen',
    birth_date: '1984-06-17',
    updated_at: '2026-11-20T21:03:22Z',
    verified: true,
    note: null,
    orders: 3,
    addresses: [
      {
        street: '2600 Executive Pkwy',
        zip: '84043',
        country: 'US',
        phone: '+1 801-555-0142',
        customer_id: 7012345678901,
      },
    ],
  };
  const text = redactedSample(JSON.stringify(payload));
  const sample = JSON.parse(text);
  for (const personal of ['7012345678901', 'maria', 'Maria', 'Jensen', '1984', 'Executive', '84043', '0142'])
    expect(text).not.toContain(personal);
  expect(sample).toMatchObject({
    topic: 'customers/update',
    email: expect.stringMatching(/^person\d+@example\.com$/),
    birth_date: '1990-01-05',
    updated_at: '2026-11-20T21:03:22Z',
    verified: true,
    note: null,
    orders: 3,
    addresses: [
      { country: 'US', phone: expect.stringMatching(/^\+1 \d{3}-\d{3}-\d{4}$/), customer_id: sample.id },
    ],
  });
  expect(String(sample.id)).toHaveLength(13);
});

test('a body that is not JSON is refused in words', () => {
  expect(() => redactedSample('<a/>')).toThrow('is not JSON');
});
