import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { described, faults, operationAt } from '../http/openapi/described.ts';
import { type HttpFileRequest, parseHttpFile } from './http-file.ts';

const text = await readFile('requests.http', 'utf8');
const requests = parseHttpFile(text);

/** What is wrong with a request by the description of the API; empty: nothing. */
function faultsOf({ method, url, headers, body }: HttpFileRequest): string[] {
  const found = operationAt(method, url.pathname);
  if (!found || !url.pathname.startsWith('/api/')) return [`${method} ${url.pathname} is no operation`];
  const { operation, parameters } = found;
  const needsKey = operation.security.some((scheme) => 'functionKey' in scheme);
  const isWebhook = operation.security.some((scheme) => 'sourceSignature' in scheme);
  const known = (place: string, name: string, value: string): string[] => {
    const parameter = operation.parameters?.find(
      (one) => one.in === place && one.name.toLowerCase() === name.toLowerCase(),
    );
    // A vendor's own queries and headers are part of its protocol.
    if (!parameter) return isWebhook && place !== 'path' ? [] : [`${place} ${name} is not described`];
    return faults(parameter.schema, typed(parameter.schema, value)).map(
      (fault) => `${place} ${name}${fault}`,
    );
  };
  const own = new Set(['content-type', 'x-functions-key']);
  const schema = operation.requestBody?.content['application/json']?.schema;
  return [
    ...(headers.has('x-functions-key') === needsKey ? [] : ['the key is missing, or is not asked for']),
    ...Object.entries(parameters).flatMap(([name, value]) => known('path', name, value)),
    ...[...url.searchParams].flatMap(([name, value]) => known('query', name, value)),
    ...[...headers].flatMap(([name, value]) => (own.has(name) ? [] : known('header', name, value))),
    ...((schema !== undefined) === (body !== '') ? [] : ['the body is missing, or is not asked for']),
    ...(schema && body ? faults(schema, JSON.parse(body)) : []),
  ];
}

/** A query is text; its schema may speak of a number or a boolean. */
function typed(schema: object, value: string): unknown {
  const type = 'type' in schema ? schema.type : 'string';
  return type === 'integer' || type === 'boolean' ? JSON.parse(value) : value;
}

test.each(requests)('$title: $method $url.pathname is as described', (request) => {
  expect(faultsOf(request)).toEqual([]);
});

test('every operation of the API is there', () => {
  const ids = requests.map(({ method, url }) => operationAt(method, url.pathname)?.operation.operationId);
  expect([...new Set(ids)].sort()).toEqual(described.map(({ operation }) => operation.operationId).sort());
});

describe('a request that is wrong is found', () => {
  test.each([
    ['another path', '/api/customers/', '/api/customer/', 'is no operation'],
    ['another method', 'PATCH ', 'PUT ', 'is no operation'],
    ['an unknown query', '?status=parked', '?state=parked', 'query state is not described'],
    ['a value that is not allowed', '?status=parked', '?status=lost', 'query status'],
    ['an unknown field', '"LastName"', '"Surname"', 'must NOT have additional properties'],
    ['no key', 'x-functions-key: {{relayKey}}\n', '', 'the key is missing'],
    ['a customer that is none', '@customerId = 10542', '@customerId = Maria', 'path customerId'],
  ])('%s', (_, from, to, fault) => {
    expect(text).toContain(from);
    expect(parseHttpFile(text.replaceAll(from, to)).flatMap(faultsOf).join('\n')).toContain(fault);
  });

  test('an unknown variable', () => {
    expect(() => parseHttpFile(text.replace('@source =', '@sauce ='))).toThrow('no variable source');
  });
});
