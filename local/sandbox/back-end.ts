import { randomUUID } from 'node:crypto';
import { type Answer, emptyAnswer, jsonAnswer } from './answer.ts';
import type { CustomerStore } from './customer-store.ts';
import type { Operation } from './gateway.ts';
import { readParameters } from './parameters.ts';

/** DirectScale's answer, and whether a customer was written. */
export interface BackEndAnswer {
  readonly answer: Answer;
  readonly applied: boolean;
}

/**
 * Carries out one operation as DirectScale does. Every answer bears `X-DirectScale-RequestId`, an error's
 * text is in `X-DirectScale-Message`. https://developers.directscale.com/docs/status-and-error-codes
 */
export function perform(operation: Operation, body: string, store: CustomerStore): BackEndAnswer {
  const requestId = { 'X-DirectScale-RequestId': randomUUID() };
  const ok = (value: unknown) => read(jsonAnswer(200, value, requestId));
  const failed = (status: number, message: string) =>
    read(emptyAnswer(status, { ...requestId, 'X-DirectScale-Message': headerText(message) }));

  if (operation.name === 'active-countries') return ok(countries);
  if (operation.name === 'find-customers') {
    // Documented: a value has no spaces. That this is the answer to one is not.
    if ([...operation.query.values()].some((value) => value.includes(' '))) {
      return failed(400, 'A search parameter must not contain spaces.');
    }
    const found = store.find(operation.query);
    return found ? ok(found) : failed(400, 'A search parameter is required.');
  }

  const { customerId } = operation;
  if (!/^\d+$/.test(customerId)) return failed(400, 'The customer id is not valid.');
  const customer = store.customers.get(customerId);
  if (!customer) return failed(404, `Customer ${customerId} not found.`);
  if (operation.name === 'get-customer') return ok(customer);
  if (operation.name === 'get-custom-fields') return ok(store.customFields.get(customerId) ?? {});

  const update = readParameters(body);
  if ('problem' in update) return failed(400, update.problem);
  return { answer: emptyAnswer(200, requestId), applied: store.patch(customerId, update.parameters) };
}

function read(answer: Answer): BackEndAnswer {
  return { answer, applied: false };
}

/** A header holds no line break and nothing outside ASCII; the caller's own names may. */
function headerText(message: string): string {
  return message.replace(/[^\x20-\x7e]/g, '?').slice(0, 1000);
}

const countries = [
  { CountryCode: 'us', CountryName: 'United States' },
  { CountryCode: 'ca', CountryName: 'Canada' },
  { CountryCode: 'de', CountryName: 'Germany' },
];
