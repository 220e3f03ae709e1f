import { MalformedDelivery } from '../kind.ts';
import { decodeUtf8 } from './utf8.ts';

/** A form with nested names as an object: `data[merges][CITY]=Lehi` is `{data: {merges: {CITY: 'Lehi'}}}`. */
interface Form {
  readonly [name: string]: string | Form;
}

const maxDepth = 20;

/**
 * Reads an `application/x-www-form-urlencoded` body of percent-encoded UTF-8. `a[]` is the next free number of `a`; a
 * name that comes twice has its last value; a name with brackets that do not pair up is taken as it is.
 * Throws {@link MalformedDelivery}, whose message holds nothing of the body.
 */
export function parseForm(body: Uint8Array): Form {
  const text = decode(body);
  const form: Branch = new Map();
  for (const [name, value] of new URLSearchParams(text)) {
    const keys = keysOf(name);
    const last = keys.pop() ?? '';
    const branch = keys.reduce(branchAt, form);
    const key = last || String(branch.size);
    if (branch.get(key) instanceof Map) throw contradiction();
    branch.set(key, value);
  }
  return objectOf(form);
}

/** Maps, because a name in a body may be that of a member which every object inherits. */
type Branch = Map<string, string | Branch>;

function decode(body: Uint8Array): string {
  const text = decodeUtf8(body);
  try {
    // URLSearchParams would put a replacement character in place of what is not UTF-8.
    decodeURIComponent(text);
    return text;
  } catch (error) {
    throw new MalformedDelivery('The form is not percent-encoded UTF-8.', { cause: error });
  }
}

/** `a[b][]` is `a`, `b` and an empty one. */
function keysOf(name: string): string[] {
  const [, first, rest = ''] = /^([^[\]]+)((?:\[[^[\]]*\])+)$/.exec(name) ?? [];
  if (first === undefined) return [name];
  const keys = [first, ...rest.slice(1, -1).split('][')];
  if (keys.length > maxDepth)
    throw new MalformedDelivery(`The form is nested deeper than ${maxDepth} levels.`);
  return keys;
}

function branchAt(parent: Branch, name: string): Branch {
  const key = name || String(parent.size);
  const existing = parent.get(key) ?? new Map();
  if (!(existing instanceof Map)) throw contradiction();
  parent.set(key, existing);
  return existing;
}

const contradiction = () => new MalformedDelivery('A name of the form stands for a text and for several.');

/** `Object.fromEntries` defines own members whatever their names are, `__proto__` too, as JSON.parse does. */
function objectOf(branch: Branch): Form {
  return Object.fromEntries(
    [...branch].map(([key, value]) => [key, value instanceof Map ? objectOf(value) : value]),
  );
}
