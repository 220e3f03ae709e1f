import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { faults, operationAt } from '../http/openapi/described.ts';
import { faultsOf } from './faults-of.ts';
import { httpActionsIn, readWorkflow, requestOf, workflowText } from './workflow.ts';

const fields: unknown = JSON.parse(await readFile('test/fixtures/logic-apps/http-action.json', 'utf8'));
const run = {
  relayUrl: 'https://relay.example.com',
  relayKey: 'a-key',
  id: '08586595201664692963773773294CU82',
  triggerBody: { customerId: '10542', fields },
};
const { definition, parameters } = readWorkflow(workflowText);
const httpActions = httpActionsIn(definition.actions);

test('the definition is one, and its references lead somewhere', () => {
  expect(faultsOf(definition)).toEqual([]);
  expect(httpActions.map(([name]) => name)).toEqual(['Update_customer_later', 'Update_customer']);
});

test('no key is in the file, and none is shown in the run history', () => {
  expect(definition.parameters.relayKey).toMatchObject({ type: 'securestring' });
  expect(definition.parameters.relayKey).not.toHaveProperty('defaultValue');
  expect(parameters).not.toHaveProperty('relayKey');
  for (const [, { runtimeConfiguration }] of httpActions) {
    expect(runtimeConfiguration?.secureData.properties).toEqual(['inputs', 'outputs']);
  }
});

test('the action that the page shows is that of the workflow', async () => {
  const page = await readFile('docs/logic-apps.md', 'utf8');
  const [, shown = ''] = /```json\n("Update_customer": .*?)\n```/s.exec(page) ?? [];
  expect(Object.fromEntries(httpActions)).toMatchObject(JSON.parse(`{${shown}}`));
});

describe.each(httpActions)('%s', (_, action) => {
  const request = requestOf(action, run);
  const found = operationAt(request.method, new URL(request.uri).pathname);
  const known = (place: string) =>
    (found?.operation.parameters ?? []).filter((parameter) => parameter.in === place);

  test('calls an operation of the relay by its method and address', () => {
    expect(found?.operation.operationId).toBe('UpdateCustomer');
    for (const { name, schema } of known('path')) expect(faults(schema, found?.parameters[name])).toEqual([]);
  });

  test('sends the key where the relay takes it', () => {
    // Whoever polls repeats the address for certain, and its headers perhaps.
    const isPolled = action.operationOptions !== 'DisableAsyncPattern';
    expect(request.queries.code).toBe(isPolled ? 'a-key' : undefined);
    expect(request.headers['x-functions-key']).toBe(isPolled ? undefined : 'a-key');
    expect(request.headers.Prefer).toBe(isPolled ? 'respond-async' : undefined);
  });

  test.each(['header', 'query'])('sends in each %s what is described', (place) => {
    const sent = Object.entries(place === 'header' ? request.headers : request.queries);
    const ours = sent.filter(([name]) => !/^(content-type|x-functions-key|code)$/i.test(name));
    expect(ours.length).toBeGreaterThan(0);
    for (const [name, value] of ours) {
      const parameter = known(place).find((one) => one.name === name);
      expect({ name, faults: parameter && faults(parameter.schema, value) }).toEqual({ name, faults: [] });
    }
  });

  test('sends a body that is described', () => {
    const schema = found?.operation.requestBody?.content['application/json']?.schema;
    expect(schema && faults(schema, request.body)).toEqual([]);
  });
});

describe('a definition that is wrong is refused', () => {
  const wrong: [what: string, from: string, to: string, fault: string][] = [
    [
      'runs after nothing',
      '"Update_customer": ["Succeeded", "Failed"]',
      '"Update_customers": ["Succeeded"]',
      'not in its scope',
    ],
    ['uses an unknown action', "@body('Update_customer')", "@body('Update_custom')", 'has not run before'],
    [
      'uses an action of another branch',
      "@body('Update_customer')",
      "@body('Update_customer_later')",
      'has not run before',
    ],
    [
      'uses an unknown parameter',
      "@parameters('relayKey')",
      "@parameters('relaykey')",
      'no parameter relaykey',
    ],
    ['calls an unknown function', 'utcNow()', 'now()', 'no function now'],
    [
      'leaves a parenthesis open',
      "coalesce(triggerBody()?['occurredAt'], utcNow())",
      'coalesce(utcNow()',
      ') is missing',
    ],
    [
      'runs in a circle',
      '"runAfter": { "Update_customer_later": ["Succeeded"] }',
      '"runAfter": { "Is_it_done": ["Succeeded"] }',
      'runs after itself',
    ],
  ];

  test.each(wrong)('one that %s', (_, from, to, fault) => {
    expect(workflowText).toContain(from);
    expect(faultsOf(readWorkflow(workflowText.replaceAll(from, to)).definition).join('\n')).toContain(fault);
  });

  test.each([
    ['an unknown member', '"operationOptions"', '"operationOption"'],
    ['an unknown type', '"Terminate"', '"Stop"'],
    ['a number in place of a duration', '"PT45S"', '45'],
    ['a status that there is not', '"Failed"]', '"Refused"]'],
  ])('one with %s', (_, from, to) => {
    expect(workflowText).toContain(from);
    expect(() => readWorkflow(workflowText.replaceAll(from, to))).toThrow();
  });
});
