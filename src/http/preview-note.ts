import type { Change } from '../domain/change.ts';
import type { LookUpName } from '../domain/customer-reference.ts';

/** Why the relay would park the change without having looked for its customer; nothing if it looks. */
export function lookUpNote({ customer }: Change, allowed: ReadonlySet<LookUpName>): { note?: string } {
  if ('customerId' in customer || customer.lookUp.some(({ by }) => allowed.has(by))) return {};
  const notAllowed = customer.lookUp.map(
    ({ by }) => `${by} is not looked up: relay.json does not list it under lookUp`,
  );
  const nothing = 'the mapping gives nothing to look the customer up by';
  return { note: `would be parked unless the record is linked: ${notAllowed.join('; ') || nothing}` };
}
