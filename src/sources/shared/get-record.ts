import type { Fetched } from '../kind.ts';
import { callVendor, failureOf, type VendorCall } from './call-vendor.ts';

/** More than any vendor's record of one customer. */
const answerLimitBytes = 1_000_000;

/** Reads one record from a vendor's JSON API; `found` holds the whole answer. Follows no redirect. Never rejects. */
export async function getRecord(call: Omit<VendorCall, 'limitBytes'>): Promise<Fetched> {
  const answer = await callVendor({ ...call, limitBytes: answerLimitBytes });
  const { status, payload } = answer ?? {};
  if (status === 200 && payload !== undefined) return { type: 'found', payload };
  if (status === 404 || status === 410 || status === 204) return { type: 'gone' };
  return failureOf(answer);
}
