import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import * as z from 'zod';
import {
  type Customer,
  type CustomFields,
  customerSchema,
  customFieldsSchema,
  type NewCustomer,
} from './customer.ts';
import type { Parameters } from './parameters.ts';
import { customerOf, people } from './people.ts';

// The query's names, lower case. Those of the back office id and the e-mail are documented, the others are guesses.
const searchable = {
  backofficeid: 'BackOfficeId',
  email: 'EmailAddress',
  externalreferenceid: 'ExternalReferenceId',
  username: 'Username',
  webalias: 'WebAlias',
} as const satisfies Record<string, keyof Customer>;

const fileSchema = z.strictObject({
  customers: z.array(customerSchema),
  customFields: z.record(z.string(), customFieldsSchema),
});

/** The customers of a sandbox by id: in memory, and in a file if there is to be one. */
export class CustomerStore {
  readonly customers = new Map<string, Customer>();
  readonly customFields = new Map<string, CustomFields>();
  readonly #file: string | undefined;

  /** Begins with what the file holds. A file that cannot be read counts as none: it is this class's own. */
  constructor(file?: string) {
    this.#file = file;
    const kept = file === undefined ? undefined : readKept(file);
    if (!kept) {
      this.reset();
      return;
    }
    for (const customer of kept.customers) this.customers.set(String(customer.CustomerId), customer);
    for (const [id, fields] of Object.entries(kept.customFields)) this.customFields.set(id, fields);
  }

  /** Back to the people that a sandbox starts with. */
  reset(): void {
    this.customers.clear();
    this.customFields.clear();
    for (const customer of people()) this.customers.set(String(customer.CustomerId), customer);
    this.#keep();
  }

  /** Adds customers; one with an id that is there takes its place. */
  add(added: readonly NewCustomer[]): void {
    for (const customer of added) {
      const id = String(customer.CustomerId);
      this.customers.set(id, customerOf(customer));
      if (customer.AssociateCustom) this.customFields.set(id, customer.AssociateCustom);
      else this.customFields.delete(id);
    }
    this.#keep();
  }

  /** Before a call is answered: what was answered is still there after a kill. */
  #keep(): void {
    if (this.#file === undefined) return;
    const content: z.infer<typeof fileSchema> = {
      customers: [...this.customers.values()],
      customFields: Object.fromEntries(this.customFields),
    };
    mkdirSync(dirname(this.#file), { recursive: true });
    writeFileSync(`${this.#file}.new`, JSON.stringify(content));
    renameSync(`${this.#file}.new`, this.#file);
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
    this.#keep();
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

function readKept(file: string): z.infer<typeof fileSchema> | undefined {
  try {
    return fileSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return undefined;
  }
}
