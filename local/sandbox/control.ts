import * as z from 'zod';
import { type Answer, emptyAnswer, jsonAnswer } from './answer.ts';
import { type Customer, type NewCustomer, newCustomersSchema } from './customer.ts';
import { type FaultSpec, faultSchema } from './faults.ts';

/** What can be controlled from outside, over HTTP or in process. */
export interface Controls {
  /** Every call of `/v1`, in the order in which they took effect. */
  readonly history: readonly object[];
  /** By id; changes made here are seen by the API. */
  readonly customers: Map<string, Customer>;
  /** Adds customers; one with an id that is there takes its place. */
  addCustomers(added: readonly NewCustomer[]): void;
  /** Throws a ZodError for a fault that makes no sense. */
  fault(spec: FaultSpec): void;
  clearFaults(): void;
  /** Lets the calls go on that a fault with `hold` holds. */
  release(): void;
  setSubscriptionKeys(keys: readonly string[]): void;
  /** Back to the start: customers, keys, no faults, no history. Delayed and held calls are dropped. */
  reset(): void;
}

const keysSchema = z.strictObject({ keys: z.array(z.string()) });

/** The sandbox's own controls over HTTP, for whoever runs it as a process: `/_control/…`. */
export function control(method: string, path: string, body: string, sandbox: Controls): Answer {
  switch (`${method} ${path}`) {
    case 'GET /_control/history':
      return jsonAnswer(200, sandbox.history);
    case 'GET /_control/customers':
      return jsonAnswer(200, [...sandbox.customers.values()]);
    case 'POST /_control/customers':
      return withBody(body, newCustomersSchema, (added) => sandbox.addCustomers(added));
    case 'POST /_control/release':
      sandbox.release();
      return emptyAnswer(204);
    case 'POST /_control/faults':
      return withBody(body, faultSchema, (fault: FaultSpec) => sandbox.fault(fault));
    case 'DELETE /_control/faults':
      sandbox.clearFaults();
      return emptyAnswer(204);
    case 'PUT /_control/keys':
      return withBody(body, keysSchema, ({ keys }) => sandbox.setSubscriptionKeys(keys));
    case 'POST /_control/reset':
      sandbox.reset();
      return emptyAnswer(204);
    default:
      return jsonAnswer(404, { message: `There is no control ${method} ${path}` });
  }
}

function withBody<T>(body: string, schema: z.ZodType<T>, act: (value: T) => void): Answer {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    return jsonAnswer(400, { message: 'The body is not JSON' });
  }
  const parsed = schema.safeParse(json);
  if (!parsed.success) return jsonAnswer(400, { message: z.prettifyError(parsed.error) });
  act(parsed.data);
  return emptyAnswer(204);
}
