import * as z from 'zod';
import { type Answer, emptyAnswer, jsonAnswer } from './answer.ts';
import type { FaultSpec } from './faults.ts';
import { faultSchema } from './faults.ts';
import type { Sandbox } from './sandbox.ts';

const keysSchema = z.strictObject({ keys: z.array(z.string()) });

/** The sandbox's own controls over HTTP, for whoever runs it as a process: `/_control/…`. */
export function control(method: string, path: string, body: string, sandbox: Sandbox): Answer {
  switch (`${method} ${path}`) {
    case 'GET /_control/history':
      return jsonAnswer(200, sandbox.history);
    case 'GET /_control/customers':
      return jsonAnswer(200, [...sandbox.customers.values()]);
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
