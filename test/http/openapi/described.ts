import { Ajv2020 } from 'ajv/dist/2020.js';
import { openApi } from '../../../src/http/openapi/document.ts';

export interface MediaType {
  readonly schema: object;
  readonly examples?: Readonly<Record<string, { readonly value: unknown }>>;
}

export interface DescribedParameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required: boolean;
  readonly schema: object;
  readonly example: unknown;
}

export interface DescribedResponse {
  readonly description: string;
  readonly headers?: Readonly<Record<string, object>>;
  readonly content?: Readonly<Record<string, MediaType>>;
}

export interface DescribedOperation {
  readonly operationId: string;
  readonly summary: string;
  readonly security: readonly object[];
  readonly parameters?: readonly DescribedParameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, MediaType>> };
  readonly responses: Readonly<Record<string, DescribedResponse>>;
}

/** The parts of an OpenAPI 3.1 document that tests look at. */
export interface Description {
  readonly servers: readonly { readonly url: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, DescribedOperation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, object>> };
}

export const origin = 'https://relay.example.com';
// The document is plain JSON; this is its shape, which a validator checks in openapi.test.ts.
export const description = openApi(origin) as unknown as Description;

/** Every operation with its path and method. */
export const described = Object.entries(description.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
);

// Dates and e-mail addresses carry a pattern as well, so no format needs to be known.
const ajv = new Ajv2020({
  strict: true,
  strictTypes: false,
  strictRequired: false,
  validateFormats: false,
  allErrors: true,
});
for (const [name, schema] of Object.entries(description.components.schemas)) {
  ajv.addSchema(byName(schema), name);
}

/** The same schema, with each component under its own name. */
function byName(schema: object): object {
  return JSON.parse(JSON.stringify(schema).replaceAll('#/components/schemas/', ''));
}

/** What is wrong with a value, in words; empty for a valid one. */
export function faults(schema: object, value: unknown): string[] {
  const validate = ajv.compile(byName(schema));
  if (validate(value)) return [];
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

/** The operation that a call is, with its path parameters; undefined for none. */
export function operationAt(
  method: string,
  pathname: string,
): { readonly operation: DescribedOperation; readonly parameters: Record<string, string> } | undefined {
  const given = pathname.replace(/^\/api\//, '').split('/');
  const found = described.flatMap(({ path, method: known, operation }) => {
    if (known !== method.toLowerCase()) return [];
    const segments = path.slice(1).split('/');
    if (segments.length !== given.length) return [];
    const parameters: Record<string, string> = {};
    for (const [index, segment] of segments.entries()) {
      const value = given[index] ?? '';
      if (segment.startsWith('{')) parameters[segment.slice(1, -1)] = value;
      else if (segment !== value) return [];
    }
    return [{ operation, parameters }];
  });
  // As in the host: a literal path goes before one with parameters.
  return found.sort((a, b) => Object.keys(a.parameters).length - Object.keys(b.parameters).length)[0];
}
