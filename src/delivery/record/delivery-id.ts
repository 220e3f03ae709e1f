import { hash } from 'node:crypto';
import * as z from 'zod';

/**
 * The id of a delivery: when it was received, to the millisecond, and a hash of who sent what.
 * `20261123-170631123-3fa9c2d17b5e4a06`. Its place in the table follows from it, so it is found without a search.
 */
export function deliveryIdOf(receivedAt: Date, identity: string): string {
  const [date = '', time = ''] = receivedAt
    .toISOString()
    .replace(/[-:.Z]/g, '')
    .split('T');
  return `${date}-${time}-${hashInId(identity)}`;
}

/** SHA-256 in hex of a source and the id that its sender gives a delivery: equal for every repeat of it. */
export function deliveryIdentity(source: string, senderId: string): string {
  return hash('sha256', `${source}\n${senderId}`);
}

/** The part of an identity that a delivery's id holds. */
export function hashInId(identityOrDeliveryId: string): string {
  return (identityOrDeliveryId.split('-').at(-1) ?? '').slice(0, 16);
}

const pattern = /^(\d{8})-(\d{9})-([0-9a-f]{16})$/;

/** A text of the form of a delivery id. */
export const deliveryIdSchema = z.string().regex(pattern);

/** Whether a text has the form of a delivery id. */
export function isDeliveryId(text: string): boolean {
  return pattern.test(text);
}

/** When a delivery was received, from its id. */
export function receivedAtOf(deliveryId: string): Date {
  const iso = deliveryId.replace(
    /^(\d{4})(\d{2})(\d{2})-(\d{2})(\d{2})(\d{2})(\d{3})-.*$/,
    '$1-$2-$3T$4:$5:$6.$7Z',
  );
  return new Date(iso);
}

/** The day of a time, UTC, as a delivery id begins: `YYYYMMDD`. */
export function dayOf(time: Date): string {
  return time.toISOString().slice(0, 10).replaceAll('-', '');
}

/** Keys that sort newest first: the hour counts down in the partition, the rest of the time in the row. */
export function recordKeys(deliveryId: string): { partitionKey: string; rowPrefix: string } {
  const [, date = '', time = '', identity = ''] = pattern.exec(deliveryId) ?? [];
  return {
    partitionKey: countDown(`${date}${time.slice(0, 2)}`),
    rowPrefix: `${countDown(time.slice(2))}-${identity}`,
  };
}

/** The partition of the hour in which a time lies: no partition takes the writes of a whole day. */
export function partitionOf(time: Date): string {
  return countDown(time.toISOString().slice(0, 13).replace(/[-T]/g, ''));
}

function countDown(digits: string): string {
  return String(10 ** digits.length - 1 - Number(digits)).padStart(digits.length, '0');
}
