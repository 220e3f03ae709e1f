import type { Customer, CustomFields } from './customer.ts';
import type { Parameters } from './parameters.ts';
import { people } from './people.ts';

// The query's names, lower case. Those of the back office id and the e-mail are documented, the others are guesses.
const searchable = {
  backofficeid: 'BackOfficeId',
  email: 'EmailAddress',
  externalreferenceid: 'ExternalReferenceId',
  username: 'Username',
  webalias: 'WebAlias',
} as const satisfies Record<string, keyof Customer>;

/** The customers of a sandbox, in memory, by id. */
export class CustomerStore {
  readonly customers = new Map<string, Customer>();
  readonly customFields = new Map<string, CustomFields>();

  constructor() {
    this.reset();
  }

  /** Back to the people that a sandbox starts with. */
  reset(): void {
    this.customers.clear();
    this.customFields.clear();
    for (const customer of people()) this.customers.set(String(customer.CustomerId), customer);
  }

  /**
   * Writes what is given and keeps the rest, `AddressId`, `Street3` and absent custom fields included
   * (for these three nothing is documented). False: no such customer.
   */
  patch(customerId: string, { AssociateCustom, ...given }: Parameters): boolean {
    const customer = this.customers.get(customerId);
    if (!customer) return false;
    const { PrimaryAddress, DefaultShippingAddress, BirthDate, ...plain } = given;
    Object.assign(customer, plain);
    if (PrimaryAddress) Object.assign(customer.PrimaryAddress, PrimaryAddress);
    if (DefaultShippingAddress) Object.assign(customer.DefaultShippingAddress, DefaultShippingAddress);
    if (BirthDate) customer.BirthDate = `${BirthDate.slice(0, 19)}Z`;
    if (AssociateCustom) {
      this.customFields.set(customerId, { ...this.customFields.get(customerId), ...AssociateCustom });
    }
    return true;
  }

  /** Only the first known parameter counts, as documented; undefined: there is none. Case doesn't matter. */
  find(query: URLSearchParams): Customer[] | undefined {
    for (const [name, value] of query) {
      const key = Object.entries(searchable).find(([parameter]) => parameter === name.toLowerCase())?.[1];
      if (!key) continue;
      return [...this.customers.values()].filter(
        (customer) => customer[key].toLowerCase() === value.toLowerCase(),
      );
    }
    return undefined;
  }
}
