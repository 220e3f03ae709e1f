import * as z from 'zod';
import type { SourceKind } from '../../src/sources/kind.ts';

/** What JSON Schema says about one option, as far as it is used here. */
interface OptionSchema {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly OptionSchema[];
  readonly oneOf?: readonly OptionSchema[];
  readonly properties?: Readonly<Record<string, OptionSchema>>;
  readonly required?: readonly string[];
}

/** An option that a new source of a kind begins with. */
export interface FirstOption {
  readonly name: string;
  readonly value: string;
  readonly description: string;
  /** `fill-in`: the value is a placeholder. `secret`: the value is the name of a secret. */
  readonly is: 'fill-in' | 'secret';
}

const placeholder = /^<fill in: (.*)>$/;

/** The options without a default, as placeholders, and those that name a secret. */
export function firstOptions(source: string, { options }: SourceKind): FirstOption[] {
  const { properties = {}, required = [] } = z.toJSONSchema(options, {
    io: 'input',
    unrepresentable: 'any',
  }) as OptionSchema;
  return Object.entries(properties).flatMap(([name, schema]): FirstOption[] => {
    const { description = '' } = schema;
    if (name.endsWith('Secret')) {
      const value = typeof schema.default === 'string' ? schema.default : `${source}-${kebab(name)}`;
      return [{ name, value, description, is: 'secret' }];
    }
    if (!required.includes(name)) return [];
    return [{ name, value: `<fill in: ${formOf(schema)}>`, description, is: 'fill-in' }];
  });
}

/** The placeholders that are still in the options of a source, by path, and what is to be filled in. */
export function placeholdersIn(value: unknown, path = 'options'): { path: string; form: string }[] {
  if (typeof value === 'string') {
    const form = placeholder.exec(value)?.[1];
    return form === undefined ? [] : [{ path, form }];
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, member]) => placeholdersIn(member, `${path}.${name}`));
}

/** What a value looks like, in few words: `io-events | commerce-webhooks`, `{header: text}`. */
function formOf(schema: OptionSchema): string {
  if (schema.const !== undefined) return String(schema.const);
  if (schema.enum) return schema.enum.join(' | ');
  const variants = schema.anyOf ?? schema.oneOf;
  if (variants) return variants.map(formOf).join(' | ');
  if (schema.type === 'object') {
    const { properties = {}, required = [] } = schema;
    return `{${required.map((name) => `${name}: ${formOf(properties[name] ?? {})}`).join(', ')}}`;
  }
  return { string: 'text', integer: 'whole number', array: 'list' }[schema.type ?? ''] ?? 'value';
}

/** `tokenSecret` is `token`. */
function kebab(option: string): string {
  return option.replace(/Secret$/, '').replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
