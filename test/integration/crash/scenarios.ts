import { randomBytes } from 'node:crypto';
import {
  canonicalRequest,
  madeUpChanges,
  type SignedRequest,
  shopifyCustomer,
  shopifyRequest,
} from '../chaos/made-up-changes.ts';

type Fields = Readonly<Record<string, string>>;

/** Requests of sources, and what must be written of them. */
export interface Scenario {
  readonly requests: readonly SignedRequest[];
  /** By customer: one change each. */
  readonly changes: ReadonlyMap<string, Fields>;
  /** What the changes have besides, and DirectScale refuses. */
  readonly refused?: Fields;
}

/** Customers and numbers of deliveries that no other scenario has. */
let last = 30_000;
const nextCustomers = (count: number): string[] => Array.from({ length: count }, () => String(++last));
const now = () => new Date().toISOString();

/** One change. */
export function oneChange(): Scenario {
  return deliveriesOfOne(1);
}

/** A change of four fields, of which DirectScale refuses one. */
export function oneFieldRefused(): Scenario {
  const [customerId = ''] = nextCustomers(1);
  const fields: Fields = { FirstName: `v${customerId}`, CompanyName: `v${customerId}`, TaxId: customerId };
  const refused = { LastName: `refused ${customerId}` };
  const change = { customer: { customerId }, occurredAt: now(), fields: { ...refused, ...fields } };
  return {
    requests: [canonicalRequest('crm', Number(customerId), change)],
    changes: new Map([[customerId, fields]]),
    refused,
  };
}

/** Deliveries of one change each that arrive at the same moment: they share messages and transactions. */
export function deliveriesAtOnce(): Scenario {
  return deliveriesOfOne(20);
}

function deliveriesOfOne(count: number): Scenario {
  const changes = nextCustomers(count).flatMap((id) => madeUpChanges(1, [id], Number(id)));
  return {
    requests: changes,
    changes: new Map(changes.map(({ customerId, fields }) => [customerId, fields])),
  };
}

/** A delivery that is too large for a message of the queue: most of it cannot be compressed. */
export function tooLargeForTheQueue(): Scenario {
  const [customerId = ''] = nextCustomers(1);
  const note = randomBytes(60_000).toString('base64');
  const customer = { ...shopifyCustomer(customerId, now()), first_name: `v${customerId}`, note };
  return {
    requests: [shopifyRequest('shop', Number(customerId), customer)],
    changes: new Map([[customerId, { FirstName: `v${customerId}` }]]),
  };
}

/** A delivery of more changes than are applied at once: each gets a message of its own. */
export function manyChanges(): Scenario {
  const changes = new Map(nextCustomers(22).map((id): [string, Fields] => [id, { FirstName: `v${id}` }]));
  const payload = [...changes].map(([customerId, fields]) => ({
    customer: { customerId },
    occurredAt: now(),
    fields,
  }));
  return { requests: [canonicalRequest('crm', last, payload)], changes };
}
