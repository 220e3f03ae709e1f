import fc from 'fast-check';
import { deliveryIdentity, receivedAtOf } from '../../../src/delivery/record/delivery-id.ts';
import { comparePositions, type Position } from '../../../src/delivery/record/position.ts';
import type { Fate, SimulatedRelay } from './simulated-relay.ts';

/** A change as its sender knows it. */
export interface Sent {
  readonly id: string;
  readonly body: {
    readonly customer: { readonly customerId: string };
    readonly occurredAt?: string;
    readonly fields: Readonly<Record<string, string>>;
  };
}

/** What the sender knows: the changes in the order in which they were sent first. */
export interface Model {
  readonly sent: Sent[];
  /** Each value is one change's own. */
  readonly hasUniqueValues: boolean;
}

export type Command = fc.AsyncCommand<Model, SimulatedRelay>;

export const start = Date.parse('2026-11-23T11:00:00Z');
let lastId = 0;

export class Send implements Command {
  readonly customerId: string;
  /** Undefined: the change has no time of its own. */
  readonly minute: number | undefined;
  readonly fields: Readonly<Record<string, string>>;
  constructor(customerId: string, minute: number | undefined, fields: Readonly<Record<string, string>>) {
    this.customerId = customerId;
    this.minute = minute;
    this.fields = fields;
  }
  check = () => true;
  async run(model: Model, relay: SimulatedRelay): Promise<void> {
    const id = ++lastId;
    const own = Object.fromEntries(
      Object.entries(this.fields).map(([field, value]) => [field, `${kindOf(value)}${field} ${id}`]),
    );
    const sent: Sent = {
      id: `msg-${id}`,
      body: {
        customer: { customerId: this.customerId },
        ...(this.minute !== undefined && {
          occurredAt: new Date(start + this.minute * 60_000).toISOString(),
        }),
        fields: model.hasUniqueValues ? own : this.fields,
      },
    };
    model.sent.push(sent);
    await relay.send(sent.id, sent.body);
  }
  toString = () => `send ${this.customerId} of minute ${this.minute}: ${JSON.stringify(this.fields)}`;
}

/** What the simulated DirectScale does not take begins with a word that says so. */
const kindOf = (value: string): string => (/^(refused|failing)/.test(value) ? `${value} ` : '');

export class Repeat implements Command {
  readonly which: number;
  constructor(which: number) {
    this.which = which;
  }
  check = (model: Readonly<Model>) => model.sent.length > 0;
  async run({ sent }: Model, relay: SimulatedRelay): Promise<void> {
    const again = sent[this.which % sent.length];
    if (again) await relay.send(again.id, again.body);
  }
  toString = () => `repeat the ${this.which}th`;
}

export class Replay implements Command {
  readonly which: number;
  constructor(which: number) {
    this.which = which;
  }
  check = () => true;
  async run(_: Model, relay: SimulatedRelay): Promise<void> {
    const ids = [...relay.memory.records.values()].map(({ record }) => record.deliveryId);
    const id = ids[this.which % ids.length];
    if (id) await relay.replay(id);
  }
  toString = () => `replay the ${this.which}th record`;
}

export class Happen implements Command {
  readonly name: string;
  readonly happen: (relay: SimulatedRelay) => Promise<void> | void;
  constructor(name: string, happen: (relay: SimulatedRelay) => Promise<void> | void) {
    this.name = name;
    this.happen = happen;
  }
  check = () => true;
  async run(_: Model, relay: SimulatedRelay): Promise<void> {
    await this.happen(relay);
  }
  toString = () => this.name;
}

const fates: readonly Fate[] = [
  'failed',
  'failed after all',
  'lost after all',
  'lost',
  'late',
  'throttled',
  'stands still before it',
  'applied',
];

/** Sends what was recorded under another id, which the body alone does not tell from a change of its own. */
export class SendRecorded implements Command {
  readonly which: number;
  constructor(which: number) {
    this.which = which;
  }
  check = ({ sent, hasUniqueValues }: Readonly<Model>) => sent.length > 0 && !hasUniqueValues;
  async run({ sent }: Model, relay: SimulatedRelay): Promise<void> {
    const recorded = sent[this.which % sent.length];
    if (!recorded) return;
    const again = { ...recorded, id: `msg-${++lastId}` };
    sent.push(again);
    await relay.send(again.id, again.body);
  }
  toString = () => `send the ${this.which}th under another id`;
}

const customers = fc.constantFrom('7', '8');
// Few values, so that equal ones meet.
const values = fc.constantFrom('x', 'y', 'z');
const fields: fc.Arbitrary<Record<string, string>> = fc.dictionary(
  fc.constantFrom('FirstName', 'LastName'),
  values,
  { minKeys: 1 },
);

export const commandsWith = (more: readonly fc.Arbitrary<Command>[], ofChange = fields) =>
  fc.commands(
    [
      fc
        .tuple(customers, fc.option(fc.nat(5), { nil: undefined }), ofChange)
        .map(([id, minute, set]) => new Send(id, minute, set)),
      fc.nat(20).map((which) => new Repeat(which)),
      fc.nat(20).map((which) => new Replay(which)),
      fc.nat(20).map((which) => new SendRecorded(which)),
      fc.nat(1).map((index) => new Happen(`crash of instance ${index}`, (relay) => relay.crash(index))),
      fc
        .tuple(fc.nat(1), fc.integer({ min: 1, max: 180 }))
        .map(
          ([index, seconds]) =>
            new Happen(`instance ${index} stands still for ${seconds} s`, (relay) =>
              relay.instances[index]?.freeze(seconds * 1000),
            ),
        ),
      fc
        .array(fc.constantFrom(...fates), { minLength: 1, maxLength: 3 })
        .map((next) => new Happen(`the next calls: ${next}`, (relay) => relay.happenToNext(next))),
      fc
        .integer({ min: 1, max: 400 })
        .map((steps) => new Happen(`${steps * 50} ms pass`, ({ simulation }) => simulation.pass(steps * 50))),
      ...more,
    ],
    { maxCommands: 40 },
  );

/** The newest value of each field of each customer, as the senders know them. */
export function newestValues({ sent }: Model, relay: SimulatedRelay): Map<string, Record<string, string>> {
  const newest = new Map<string, Map<string, { position: Position; value: string }>>();
  for (const { id, body } of sent) {
    const { customerId } = body.customer;
    const ofCustomer = newest.get(customerId) ?? new Map();
    newest.set(customerId, ofCustomer);
    for (const [field, value] of Object.entries(body.fields)) {
      const position = positionOf(id, body.occurredAt, relay);
      const before = ofCustomer.get(field);
      if (!before || comparePositions(position, before.position) > 0)
        ofCustomer.set(field, { position, value });
    }
  }
  return new Map(
    [...newest].map(([id, ofCustomer]) => [
      id,
      Object.fromEntries([...ofCustomer].map(([field, { value }]) => [field, value])),
    ]),
  );
}

/** A change of its identity is as old as the delivery that came first. */
export function positionOf(id: string, occurredAt: string | undefined, relay: SimulatedRelay): Position {
  const deliveryId = relay.memory.seen.get(deliveryIdentity('crm', id))?.deliveryId ?? '';
  return {
    ...(occurredAt !== undefined && { occurredAt: Date.parse(occurredAt) }),
    receivedAt: receivedAtOf(deliveryId).getTime(),
    changeId: `${deliveryId}/0`,
  };
}

/** How often a write put an older value over a newer one; each value must be one change's own. */
export function olderOverNewer({ sent }: Model, relay: SimulatedRelay): string[] {
  const customerIds = new Set(sent.map(({ body }) => body.customer.customerId));
  const newest = new Map<string, Position>();
  const effects = relay.effects.filter(({ customerId }) => customerIds.has(customerId));
  return effects.flatMap(({ customerId, patch }) =>
    Object.entries(patch).flatMap(([field, value]) => {
      const change = sent.find(({ body }) => body.fields[field] === value);
      if (!change) throw new Error(`nobody sent ${value}`);
      const position = positionOf(change.id, change.body.occurredAt, relay);
      const before = newest.get(`${customerId} ${field}`);
      newest.set(`${customerId} ${field}`, position);
      return before && comparePositions(position, before) < 0 ? [`${customerId} ${field}: ${value}`] : [];
    }),
  );
}
