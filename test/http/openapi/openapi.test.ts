import SwaggerParser from '@apidevtools/swagger-parser';
import { describe, expect, test } from 'vitest';
import { provideCoreModule, triggerOf } from '../../../local/host/core-module.ts';
import { openApi } from '../../../src/http/openapi/document.ts';
import { operations } from '../../../src/http/openapi/operations.ts';
import { asVersion2 } from '../../../src/http/openapi/version-2.ts';
import { problems } from '../../../src/http/problem.ts';
import { validateChanges } from '../../../src/mapping/validate-changes.ts';
import { canonicalChanges } from './canonical-changes.ts';
import { type Description, described, description, faults, origin } from './described.ts';

/** What the app registers, by the contract with Azure's worker. */
const registrations = provideCoreModule(() => undefined);
await import('../../../functions/index.ts');
const routes = [...registrations.functions.values()].flatMap(({ metadata }) => {
  const { trigger } = triggerOf(metadata);
  // The console's files are no part of the API.
  if (!/^httptrigger$/i.test(trigger.type) || trigger.route?.startsWith('console/')) return [];
  return (trigger.methods ?? []).map((method) => ({
    call: `${method} /${trigger.route}`,
    needsKey: trigger.authLevel === 'function',
  }));
});

describe('what is described is what is registered', () => {
  test('every route and method, no other, with the key where Azure demands one', () => {
    expect(routes.length).toBeGreaterThan(10);
    const calls = described.map(({ path, method, operation }) => ({
      call: `${method.toUpperCase()} ${path}`,
      needsKey: operation.security.some((scheme) => 'functionKey' in scheme),
    }));
    expect(inOrder(calls)).toEqual(inOrder(routes));
  });

  test('every problem of the catalogue is an answer of some operation', () => {
    const codes = new Set(operations.flatMap((operation) => operation.problems));
    expect([...codes].sort()).toEqual(Object.keys(problems).sort());
  });
});

describe.each([
  ['3.1', () => openApi(origin)],
  ['2.0', () => asVersion2(openApi(origin))],
])('the form %s', (version, make) => {
  test('is valid', async () => {
    const document = structuredClone(make());
    // The validator takes a document of its own types, and this one is what it has to judge.
    const api = await SwaggerParser.validate(
      document as unknown as Parameters<typeof SwaggerParser.validate>[0],
    );
    expect('openapi' in api ? api.openapi : api.swagger).toMatch(version);
  });

  test('is refused by the validator when an answer has no description', async () => {
    const document = structuredClone(make()) as unknown as Description;
    const response: { description?: string } = document.paths['/health']?.get?.responses['200'] ?? {};
    delete response.description;
    const judged = SwaggerParser.validate(
      document as unknown as Parameters<typeof SwaggerParser.validate>[0],
    );
    await expect(judged).rejects.toThrow();
  });

  test('names every operation once', () => {
    const { paths } = make() as unknown as Description;
    const ids = Object.values(paths).flatMap((methods) =>
      Object.values(methods).map(({ operationId }) => operationId),
    );
    expect(ids).toEqual([...new Set(ids)]);
    expect(ids.every((id) => /^[A-Z][A-Za-z]+$/.test(id))).toBe(true);
  });
});

describe('examples', () => {
  const bodies = described.flatMap(({ operation }) => {
    const { operationId, requestBody, responses } = operation;
    const contents = [
      ...Object.entries(requestBody?.content ?? {}).map(([type, media]) => ({
        place: `body ${type}`,
        media,
      })),
      ...Object.entries(responses).flatMap(([status, { content = {} }]) =>
        Object.entries(content).map(([type, media]) => ({ place: `${status} ${type}`, media })),
      ),
    ];
    return contents.map(({ place, media }) => ({ name: `${operationId} ${place}`, media }));
  });

  test.each(bodies)('of $name match their schema', ({ media }) => {
    const examples = Object.values(media.examples ?? {});
    expect(examples.length).toBeGreaterThan(0);
    for (const { value } of examples) expect(faults(media.schema, value)).toEqual([]);
  });

  const parameters = described.flatMap(({ operation }) =>
    (operation.parameters ?? []).map((parameter) => ({
      name: `${operation.operationId} ${parameter.name}`,
      parameter,
    })),
  );

  test.each(parameters)('of parameter $name match its schema', ({ parameter }) => {
    expect(faults(parameter.schema, parameter.example)).toEqual([]);
  });

  test('an example that does not match would be found', () => {
    const schema = { $ref: '#/components/schemas/CustomerChanges' };
    expect(faults(schema, { FirstName: 'Maria' })).toEqual([]);
    expect(faults(schema, { FirstName: 1 })).not.toEqual([]);
    expect(faults(schema, { Firstname: 'Maria' })).not.toEqual([]);
    expect(faults(schema, {})).not.toEqual([]);
  });
});

describe("the relay's own form", () => {
  const schema = { $ref: '#/components/schemas/CanonicalChange' };
  const receivedAt = new Date('2026-11-23T17:06:31.123Z');

  test.each(canonicalChanges)('$what: described as it is judged', ({ change, valid }) => {
    expect({ described: faults(schema, change).length === 0 }).toEqual({ described: valid });
    expect({ taken: validateChanges(change, receivedAt, { strict: true }).ok }).toEqual({
      taken: valid,
    });
  });
});

describe('the form for connectors', () => {
  const document = asVersion2(openApi(origin)) as unknown as Description & {
    host: string;
    basePath: string;
    schemes: string[];
    securityDefinitions: object;
  };

  test('is small enough, has one key, and names where it is called', () => {
    expect(JSON.stringify(document).length).toBeLessThan(1_000_000);
    expect(Object.keys(document.securityDefinitions)).toEqual(['functionKey']);
    expect([document.schemes, document.host, document.basePath]).toEqual([
      ['https'],
      'relay.example.com',
      '/api',
    ]);
  });

  test('has every operation that a connector can call', () => {
    const callable = operations.filter(({ security }) => security !== 'signature').map(({ id }) => id);
    const ids = Object.values(document.paths).flatMap((methods) =>
      Object.values(methods).map(({ operationId }) => operationId),
    );
    expect(ids.sort()).toEqual(callable.sort());
  });

  test('shows an example of each body', () => {
    expect(JSON.stringify(document)).not.toContain('respond-async');
    const { CustomerChanges, WebhookBody } = (document as unknown as { definitions: Record<string, object> })
      .definitions;
    expect(CustomerChanges).toMatchObject({ example: { LastName: 'Jensen' } });
    expect(WebhookBody).toMatchObject({ example: { customer: { customerId: '10542' } } });
  });

  test('gives every parameter one type, and no schema several', () => {
    const parameters = Object.values(document.paths).flatMap((methods) =>
      Object.values(methods).flatMap(
        ({ parameters = [] }) => parameters as unknown as Record<string, unknown>[],
      ),
    );
    const untyped = parameters.filter((one) => one.in !== 'body' && typeof one.type !== 'string');
    expect(parameters.length).toBeGreaterThan(10);
    expect(untyped).toEqual([]);
    expect(JSON.stringify(document)).not.toMatch(/"type":\[/);
  });

  test('describes every field, and calls no id "Customer ID": DirectScale\'s screens call another one so', () => {
    const bare: string[] = [];
    const search = (path: string, schema: unknown): void => {
      if (typeof schema !== 'object' || schema === null) return;
      for (const [name, field] of Object.entries(Object(Reflect.get(schema, 'properties')) as object)) {
        if (!('$ref' in field || 'description' in field)) bare.push(`${path}.${name}`);
        search(`${path}.${name}`, field);
      }
      search(`${path}[]`, Reflect.get(schema, 'items'));
    };
    const { definitions } = document as unknown as { definitions: Record<string, object> };
    for (const [name, schema] of Object.entries(definitions)) search(name, schema);
    expect(bare).toEqual([]);
    expect(JSON.stringify(document)).not.toMatch(/"(x-ms-summary|title)":"Customer ID"/);
    expect(JSON.stringify(definitions.Link)).toContain('"title":"Associate ID"');
  });

  test('says nothing that OpenAPI 2.0 does not know', () => {
    expect(JSON.stringify(document)).not.toMatch(/"(anyOf|oneOf|const|propertyNames|\$defs|nullable)":/);
    expect(JSON.stringify(document)).not.toContain('components/');
  });
});

test('the description names the schema of each body and answer once', () => {
  const used = JSON.stringify(description.paths);
  expect(used).toContain('#/components/schemas/Delivery');
  expect(JSON.stringify(description)).not.toContain('__shared');
});

function inOrder<Call extends { call: string }>(calls: readonly Call[]): Call[] {
  return [...calls].sort((a, b) => a.call.localeCompare(b.call));
}
