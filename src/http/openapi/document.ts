import { problemAnswer } from '../answers.ts';
import { type ProblemCode, problems } from '../problem.ts';
import { componentRef, componentSchemas, inlineSchema } from './components.ts';
import type { JsonObject } from './json-object.ts';
import { type Answer, headers, type Operation, type Parameter } from './operation.ts';
import { operations } from './operations.ts';

const security = {
  none: [],
  'function-key': [{ functionKey: [] }, { functionKeyInQuery: [] }],
  signature: [{ sourceSignature: [] }],
} as const satisfies Record<Operation['security'], readonly object[]>;

/**
 * The API's description, OpenAPI 3.1, for the address (what comes before `/api`) under which the relay is called.
 * https://spec.openapis.org/oas/v3.1.1.html
 */
export function openApi(origin: string): JsonObject {
  return {
    openapi: '3.1.1',
    info: {
      title: 'Customer Relay',
      version: '1',
      description:
        'Takes customer changes by webhook or directly and writes them to DirectScale. Errors are application/problem+json (RFC 9457) with a stable code.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: `${origin}/api` }],
    tags: [
      { name: 'customers', description: 'Change a customer directly; forget one.' },
      { name: 'deliveries', description: 'What happened, and again.' },
      { name: 'issues', description: 'What is parked or left out, by cause.' },
      { name: 'links', description: 'Which record of a source is which customer.' },
      { name: 'catch-up', description: 'What no webhook told.' },
      { name: 'sources', description: 'What comes in, and what becomes of it.' },
      { name: 'pauses', description: 'Stop writing by hand, and go on.' },
      { name: 'acts', description: 'What operators did.' },
      { name: 'webhooks', description: "The way in for sources; a dry run of a source's mapping." },
      { name: 'health', description: 'The state of the relay, and this description.' },
    ],
    paths: paths(),
    components: {
      schemas: componentSchemas(),
      securitySchemes: {
        functionKey: {
          type: 'apiKey',
          in: 'header',
          name: 'x-functions-key',
          description: 'A function key or host key of the function app.',
        },
        functionKeyInQuery: {
          type: 'apiKey',
          in: 'query',
          name: 'code',
          description: 'The same in the query; the Location of a 202 then carries it, too.',
        },
        sourceSignature: {
          type: 'apiKey',
          in: 'header',
          name: 'webhook-signature',
          description:
            "The source's own signature or token. This is the header of the canonical kind (Standard Webhooks); other kinds have their vendor's, see docs/sources.",
        },
      },
    },
  };
}

function paths(): JsonObject {
  const byPath: Record<string, Record<string, JsonObject>> = {};
  for (const operation of operations) {
    byPath[`/${operation.route}`] = {
      ...byPath[`/${operation.route}`],
      [operation.method]: describe(operation),
    };
  }
  return byPath;
}

function describe(operation: Operation): JsonObject {
  const { id, tag, summary, description, parameters = [], body } = operation;
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(description && { description }),
    security: security[operation.security],
    ...(parameters.length > 0 && { parameters: parameters.map(describeParameter) }),
    ...(body && {
      requestBody: {
        description: body.description,
        required: true,
        content: {
          'application/json': { schema: componentRef(body.schema), examples: named(body.examples) },
        },
      },
    }),
    responses: responses(operation),
  };
}

function describeParameter({ name, in: place, title, description, schema, example }: Parameter): JsonObject {
  return {
    name,
    in: place,
    description,
    required: place === 'path',
    schema: { title, ...inlineSchema(schema) },
    example,
  };
}

/** By status: answers and problems of one status have different media types. */
function responses(operation: Operation): JsonObject {
  const codes = Map.groupBy(operation.problems, (code): number => problems[code][0]);
  const answers = new Map<number, Answer>(operation.answers.map((answer) => [answer.status, answer]));
  const statuses = new Set<number>([...answers.keys(), ...codes.keys()]);
  // Azure Functions' own answer, before the relay is asked.
  if (operation.security === 'function-key') statuses.add(401);
  return Object.fromEntries(
    [...statuses]
      .sort((a, b) => a - b)
      .map((status) => [String(status), response(status, answers.get(status), codes.get(status) ?? [])]),
  );
}

function response(status: number, answer: Answer | undefined, codes: readonly ProblemCode[]): JsonObject {
  const ofProblems = codes.map((code) => `${problems[code][1]} (${code}).`);
  const description = [answer?.description, ...ofProblems].filter(Boolean).join(' ');
  const names = [...(answer?.headers ?? []), ...(status === 503 && codes.length > 0 ? retryAfter : [])];
  const content = {
    ...(answer?.schema && {
      'application/json': { schema: componentRef(answer.schema), examples: named(answer.examples ?? {}) },
    }),
    ...(codes.length > 0 && { 'application/problem+json': problemContent(codes) }),
  };
  return {
    description: description || 'The function key is missing or wrong. Without a body.',
    ...(names.length > 0 && {
      headers: Object.fromEntries(
        names.map((name) => [name, { description: headers[name], schema: { type: 'string' } }]),
      ),
    }),
    ...(Object.keys(content).length > 0 && { content }),
  };
}

const retryAfter = ['Retry-After'] as const;

function problemContent(codes: readonly ProblemCode[]): JsonObject {
  return {
    schema: { ...componentRef(problemAnswer), properties: { code: { enum: codes } } },
    examples: named(Object.fromEntries(codes.map((code) => [code, exampleOf(code)]))),
  };
}

function exampleOf(code: ProblemCode): JsonObject {
  const [status, title] = problems[code];
  return {
    type: `urn:customer-relay:problem:${code}`,
    code,
    title,
    status,
    detail: 'What is wrong with this request, and what to do about it.',
    ...(code === 'invalid' && {
      violations: [
        {
          path: 'PrimaryAddress.CountryCode',
          message: 'must be a two-letter country code (ISO 3166-1 alpha-2)',
        },
      ],
    }),
  };
}

function named(examples: Readonly<Record<string, unknown>>): JsonObject {
  return Object.fromEntries(
    Object.entries(examples).map(([name, value]) => [
      name.replaceAll(/[^A-Za-z0-9._-]/g, '-'),
      { summary: name, value },
    ]),
  );
}
