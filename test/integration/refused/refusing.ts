import { setTimeout as delay } from 'node:timers/promises';
import { type Stack, type Surroundings, startStack } from '../../../local/stack.ts';
import {
  type DeliveryReport,
  functionKey,
  newCustomer,
  outcomeOf,
  patchCustomer,
  postCanonical,
} from '../relay-under-test.ts';

const address = {
  Street1: '18 Harbour Street',
  Street2: 'Unit 4',
  City: 'Toronto',
  Region: 'ON',
  PostalCode: 'M5J 2L9',
  CountryCode: 'CA',
};

/** The 16 documented fields, with other values than any customer of the sandbox has. */
export const allFields: Readonly<Record<string, unknown>> = {
  WebAlias: 'rosa',
  Username: 'rosa.lind',
  CustomerType: 3,
  CustomerStatus: 2,
  BirthDate: '1991-06-02T00:00:00',
  CompanyName: 'Lind & Co',
  EmailAddress: 'rosa.lind@example.com',
  PrimaryAddress: address,
  DefaultShippingAddress: { ...address, Street2: '' },
  FirstName: 'Rosa',
  LanguageCode: 'fr',
  LastName: 'Lind',
  PrimaryPhone: '+14165550142',
  SecondaryPhone: '+14165550143',
  TaxId: '987654321',
  TextPhone: '+14165550144',
};

/** Another value of one of these fields. */
export function otherValueOf(name: string): unknown {
  const value = allFields[name];
  if (typeof value === 'number') return value + 1;
  return otherValues[name] ?? `other.${value}`;
}

const otherValues: Readonly<Record<string, unknown>> = {
  BirthDate: '1991-06-03T00:00:00',
  LanguageCode: 'de',
  PrimaryPhone: '+14165550152',
  SecondaryPhone: '+14165550153',
  TextPhone: '+14165550154',
  TaxId: '987654322',
  PrimaryAddress: { ...address, City: 'Ottawa', Region: 'QC' },
  DefaultShippingAddress: { ...address, City: 'Ottawa', Region: 'QC' },
};

/** What DirectScale is to refuse: the value of a field, or the region of an address. */
export function refusedOf(name: string): { readonly field: string; readonly value: string | number } {
  const value = allFields[name];
  if (typeof value === 'string' || typeof value === 'number') return { field: name, value };
  return { field: `${name}.Region`, value: address.Region };
}

export const relayConfig = 'test/integration/refused/relay.json';

/** Settings with which DirectScale's failures are told from its refusals within seconds. */
export const quickRetries = {
  RETRY_SCHEDULE: '100 ms, 100 ms, 100 ms, 100 ms, 100 ms, 100 ms, 100 ms, 100 ms, 100 ms',
  DIRECTSCALE_SETTLE_MS: '50',
  CUSTOMER_WRITES_PER_MINUTE: '1000',
};

/** A stack in which changes to another customer pass all the time. */
export async function startRefusing(): Promise<Stack> {
  const stack = await startStack({ relayConfig, host: { functionKey, env: quickRetries } });
  const ended = new AbortController();
  const traffic = passing(stack, ended.signal);
  return {
    ...stack,
    async stop() {
      ended.abort();
      await traffic;
      await stack.stop();
    },
  };
}

async function passing(stack: Pick<Stack, 'host' | 'sandbox'>, ended: AbortSignal): Promise<void> {
  const customerId = newCustomer(stack);
  for (let number = 0; !ended.aborted; number++) {
    await patchCustomer(stack, customerId, { FirstName: `Passing ${number}` }).catch(() => undefined);
    await delay(50);
  }
}

/** Sends a record as a source does that sends whole records with each save. */
export async function save(
  stack: Pick<Stack, 'host'>,
  customerId: string,
  fields: Readonly<Record<string, unknown>>,
  source = 'in-house',
): Promise<DeliveryReport> {
  return outcomeOf(stack, await postCanonical(stack, { customer: { customerId }, fields }, { source }));
}

/** The bodies of all PATCH calls for a customer, whatever was answered. */
export function patchesTo({ sandbox }: Pick<Surroundings, 'sandbox'>, customerId: string): object[] {
  return sandbox.history
    .filter((call) => call.method === 'PATCH' && call.customerId === customerId)
    .map(({ patch }) => patch as object);
}
