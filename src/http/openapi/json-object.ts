/** A JSON Schema, or a part of an OpenAPI description. */
export type JsonObject = { readonly [member: string]: unknown };

/** Whether a value is an object that is no array. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
