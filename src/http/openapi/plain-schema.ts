import { fieldDescriptions, fieldTitles } from './field-descriptions.ts';
import { isJsonObject, type JsonObject } from './json-object.ts';

/** What OpenAPI 2.0 takes over as it is. https://spec.openapis.org/oas/v2.0.html#schema-object */
const kept = [
  'type',
  'format',
  'title',
  'description',
  'enum',
  'default',
  'required',
  'minimum',
  'maximum',
  'minLength',
  'maxLength',
  'minItems',
  'maxItems',
  'minProperties',
] as const;

/**
 * A JSON Schema 2020-12 in the words of OpenAPI 2.0. It says less and never more: where there are alternatives it
 * says only the type that all of them have.
 */
export function plainSchema(schema: JsonObject, components: JsonObject): JsonObject {
  if (typeof schema.$ref === 'string') return { $ref: `#/definitions/${nameOf(schema.$ref)}` };
  const { anyOf, const: only, pattern, exclusiveMinimum, items, additionalProperties } = schema;
  const part = (value: unknown) => (isJsonObject(value) ? plainSchema(value, components) : value);
  const properties = isJsonObject(schema.properties) ? Object.entries(schema.properties) : undefined;
  const type = Array.isArray(anyOf) ? commonType(anyOf, components) : undefined;
  // Several types at once are more than version 2.0 can say.
  const sayable = kept.filter((name) => name in schema && !(name === 'type' && Array.isArray(schema.type)));
  return {
    ...Object.fromEntries(sayable.map((name) => [name, schema[name]])),
    ...(type !== undefined && { type }),
    ...(only !== undefined && { enum: [only] }),
    // A format says it, too, and the pattern of a date has hundreds of characters.
    ...(pattern !== undefined && schema.format === undefined && { pattern }),
    ...(exclusiveMinimum !== undefined && { minimum: exclusiveMinimum, exclusiveMinimum: true }),
    ...(items !== undefined && { items: part(items) }),
    ...(properties && {
      properties: Object.fromEntries(properties.map(([name, value]) => [name, named(name, part(value))])),
    }),
    ...(additionalProperties !== undefined && { additionalProperties: part(additionalProperties) }),
  };
}

/** A field with what a designer shows of it. Beside a `$ref` nothing may stand. */
function named(name: string, schema: unknown): unknown {
  if (!isJsonObject(schema) || '$ref' in schema) return schema;
  const title = fieldTitles[name];
  const description = schema.description ?? fieldDescriptions[name];
  return {
    ...schema,
    ...(title !== undefined && { title }),
    ...(description !== undefined && { description }),
  };
}

function commonType(alternatives: readonly unknown[], components: JsonObject): unknown {
  const types = new Set(alternatives.map((alternative) => typeOf(alternative, components)));
  return types.size === 1 ? [...types][0] : undefined;
}

function typeOf(schema: unknown, components: JsonObject): unknown {
  if (!isJsonObject(schema)) return undefined;
  if (typeof schema.$ref === 'string') return typeOf(components[nameOf(schema.$ref)], components);
  return Array.isArray(schema.anyOf) ? commonType(schema.anyOf, components) : schema.type;
}

function nameOf(ref: string): string {
  return ref.slice(ref.lastIndexOf('/') + 1);
}
