import { isJsonObject, type JsonObject } from './json-object.ts';
import { plainSchema } from './plain-schema.ts';

const json = 'application/json';

/**
 * OpenAPI 2.0 of what a connector can call: the operations that take the function key or nothing. Webhooks are left
 * out, for a connector cannot sign; so is `Prefer`, for a connector does not follow a 202 with its key.
 * https://learn.microsoft.com/connectors/custom-connectors/define-openapi-definition (2.0, below 1 MB, one key)
 */
export function asVersion2(document: JsonObject): JsonObject {
  const { info, servers, tags, paths, components } = document;
  const url = new URL(String(one(servers).url));
  const schemas = objectOf(objectOf(components).schemas);
  const operations = Object.entries(objectOf(paths)).flatMap(([path, methods]) => {
    const kept = Object.entries(objectOf(methods)).flatMap(([method, value]) => {
      const operation = objectOf(value);
      return isSigned(operation) ? [] : [[method, describe(operation, schemas)] as const];
    });
    return kept.length > 0 ? [[path, Object.fromEntries(kept)] as const] : [];
  });
  const { title, version, description } = objectOf(info);
  return {
    swagger: '2.0',
    info: { title, version, description },
    host: url.host,
    basePath: url.pathname,
    schemes: [url.protocol.replace(':', '')],
    consumes: [json],
    produces: [json, 'application/problem+json'],
    tags: list(tags).filter((tag) =>
      operations.some(([, methods]) =>
        Object.values(methods).some((found) => [found.tags].flat().includes(tag.name)),
      ),
    ),
    securityDefinitions: {
      functionKey: objectOf(objectOf(components).securitySchemes).functionKey,
    },
    paths: Object.fromEntries(operations),
    definitions: withExamples(definitions(operations, schemas), objectOf(paths)),
  };
}

function isSigned({ security }: JsonObject): boolean {
  return list(security).some((scheme) => 'sourceSignature' in scheme);
}

function describe(operation: JsonObject, schemas: JsonObject): JsonObject {
  const { operationId, tags, summary, description, requestBody, responses } = operation;
  const body = isJsonObject(requestBody) ? [bodyParameter(requestBody, schemas)] : [];
  const others = list(operation.parameters).filter(({ name }) => name !== 'Prefer');
  return {
    operationId,
    tags,
    summary,
    ...(description !== undefined && { description }),
    security: list(operation.security).length > 0 ? [{ functionKey: [] }] : [],
    parameters: [...others.map((parameter) => plainParameter(parameter, schemas)), ...body],
    responses: Object.fromEntries(
      Object.entries(objectOf(responses)).map(([status, response]) => [
        status,
        plainResponse(objectOf(response), schemas),
      ]),
    ),
  };
}

function plainParameter(parameter: JsonObject, schemas: JsonObject): JsonObject {
  const { title, description: _, ...schema } = plainSchema(objectOf(parameter.schema), schemas);
  const { name, in: place, description, required } = parameter;
  return { name, in: place, description, required, 'x-ms-summary': title, ...schema };
}

function bodyParameter({ description, content }: JsonObject, schemas: JsonObject): JsonObject {
  const schema = plainSchema(objectOf(objectOf(objectOf(content)[json]).schema), schemas);
  return { name: 'body', in: 'body', description, required: true, 'x-ms-summary': 'Body', schema };
}

function plainResponse(response: JsonObject, schemas: JsonObject): JsonObject {
  const { description, content = {}, headers = {} } = response;
  const [mediaType, media] = Object.entries(objectOf(content))[0] ?? [];
  const example = Object.values(objectOf(objectOf(media).examples))[0];
  const names = Object.entries(objectOf(headers)).map(([name, header]) => [
    name,
    { type: 'string', description: objectOf(header).description },
  ]);
  return {
    description,
    ...(isJsonObject(media) && { schema: plainSchema(objectOf(media.schema), schemas) }),
    ...(names.length > 0 && { headers: Object.fromEntries(names) }),
    ...(mediaType && isJsonObject(example) && { examples: { [mediaType]: example.value } }),
  };
}

/** The schemas that the operations name, and those that these name. */
function definitions(from: unknown, schemas: JsonObject): JsonObject {
  const found: Record<string, JsonObject> = {};
  const add = (value: unknown): void => {
    for (const [, name = ''] of JSON.stringify(value).matchAll(/"#\/definitions\/(\w+)"/g)) {
      if (found[name]) continue;
      found[name] = plainSchema(objectOf(schemas[name]), schemas);
      add(found[name]);
    }
  };
  add(from);
  return found;
}

/** OpenAPI 2.0 has no place for the example of a body but its schema. */
function withExamples(schemas: JsonObject, paths: JsonObject): JsonObject {
  const bodies = Object.values(paths)
    .flatMap((methods) => Object.values(objectOf(methods)))
    .map((operation) => objectOf(objectOf(objectOf(objectOf(operation).requestBody).content)[json]));
  const examples = new Map(
    bodies.map(({ schema, examples: all }) => {
      const [first] = Object.values(objectOf(all));
      return [String(objectOf(schema).$ref).split('/').at(-1), objectOf(first).value];
    }),
  );
  return Object.fromEntries(
    Object.entries(schemas).map(([name, schema]) => [
      name,
      examples.has(name) ? { ...objectOf(schema), example: examples.get(name) } : schema,
    ]),
  );
}

const objectOf = (value: unknown): JsonObject => (isJsonObject(value) ? value : {});
const list = (value: unknown): JsonObject[] => (Array.isArray(value) ? value : []);
const one = (value: unknown): JsonObject => objectOf(list(value)[0]);
