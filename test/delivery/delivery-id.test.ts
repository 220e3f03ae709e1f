import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  dayOf,
  deliveryIdentity,
  deliveryIdOf,
  hashInId,
  isDeliveryId,
  partitionOf,
  receivedAtOf,
  recordKeys,
} from '../../src/delivery/record/delivery-id.ts';

const times = fc.date({
  min: new Date('2000-01-01T00:00:00Z'),
  max: new Date('2099-12-31T23:59:59.999Z'),
  noInvalidDate: true,
});
const identity = deliveryIdentity('shop', 'e7a1');
const keyOf = (deliveryId: string): string => {
  const { partitionKey, rowPrefix } = recordKeys(deliveryId);
  return `${partitionKey}/${rowPrefix}`;
};

describe('the id of a delivery', () => {
  test('says when it was received, and from whom', () => {
    const id = deliveryIdOf(new Date('2026-11-23T17:06:31.123Z'), '3fa9c2d17b5e4a06ffff');
    expect(id).toBe('20261123-170631123-3fa9c2d17b5e4a06');
  });

  test('gives back the time of receipt, to the millisecond', () => {
    fc.assert(
      fc.property(times, (time) => {
        const id = deliveryIdOf(time, identity);
        expect(isDeliveryId(id)).toBe(true);
        expect(receivedAtOf(id)).toEqual(time);
      }),
    );
  });

  test.each([
    '',
    '20261123-170631123',
    '20261123-170631123-3fa9c2d17b5e4a0',
    '20261123-170631123-3FA9C2D17B5E4A06',
    '20261123-170631123-3fa9c2d17b5e4a06\n',
    "20261123-170631123-3fa9c2d17b5e4a06' or true",
  ])('is not any text: %j', (text) => {
    expect(isDeliveryId(text)).toBe(false);
  });
});

test('the day of a time is that with which its delivery ids begin', () => {
  fc.assert(
    fc.property(times, (time) => {
      expect(deliveryIdOf(time, identity).split('-')[0]).toBe(dayOf(time));
    }),
  );
});

describe('the identity of a delivery', () => {
  test('is equal for every repeat', () => {
    expect(deliveryIdentity('shop', 'e7a1')).toBe(identity);
    expect(identity).toMatch(/^[0-9a-f]{64}$/);
  });

  test('begins with the part that the delivery id holds', () => {
    const id = deliveryIdOf(new Date('2026-11-23T17:06:31.123Z'), identity);
    expect(hashInId(id)).toBe(identity.slice(0, 16));
    expect(hashInId(identity)).toBe(hashInId(id));
  });

  test.each([
    ['another source', 'crm', 'e7a1'],
    ['another delivery', 'shop', 'e7a2'],
    ['the border between the two', 'shope', '7a1'],
  ])('differs for %s', (_, source, senderId) => {
    expect(deliveryIdentity(source, senderId)).not.toBe(identity);
  });
});

describe('the keys in the table', () => {
  test('sort newest first', () => {
    fc.assert(
      fc.property(fc.array(times, { minLength: 2, maxLength: 10 }), (received) => {
        const keys = received.map((time) => keyOf(deliveryIdOf(time, identity))).sort();
        const newestFirst = received.toSorted((a, b) => b.getTime() - a.getTime());
        expect(keys).toEqual(newestFirst.map((time) => keyOf(deliveryIdOf(time, identity))));
      }),
    );
  });

  test('differ for deliveries of the same millisecond', () => {
    const now = new Date();
    const keys = ['e1', 'e2'].map((id) => keyOf(deliveryIdOf(now, deliveryIdentity('shop', id))));
    expect(new Set(keys).size).toBe(2);
  });

  test('hold one hour in a partition', () => {
    fc.assert(
      fc.property(times, (time) => {
        const hour = new Date(time);
        hour.setUTCMinutes(0, 0, 0);
        const lastOfHour = new Date(hour.getTime() + 3_599_999);
        const partitionOfId = (received: Date) => recordKeys(deliveryIdOf(received, identity)).partitionKey;
        expect(partitionOfId(time)).toBe(partitionOf(time));
        expect(partitionOfId(hour)).toBe(partitionOfId(lastOfHour));
        expect(partitionOfId(new Date(hour.getTime() - 1))).not.toBe(partitionOfId(hour));
      }),
    );
  });

  test.each([
    ['2026-11-23T17:06:31.123Z', '7973887682'],
    ['2026-11-23T18:00:00.000Z', '7973887681'],
    ['2026-11-24T00:00:00.000Z', '7973887599'],
  ])('count down: the partition of %s is %s', (time, partition) => {
    expect(partitionOf(new Date(time))).toBe(partition);
  });
});
