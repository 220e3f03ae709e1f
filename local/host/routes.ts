import type { FunctionMetadata } from './core-module.ts';

export interface HttpFunction {
  readonly name: string;
  /** Name of the trigger's binding. */
  readonly inputName: string;
  readonly methods: readonly string[];
  readonly needsKey: boolean;
  /** Its parameters, if the segments of a path are its own. */
  match(given: readonly string[]): Record<string, string> | undefined;
}

export const segmentsOf = (path: string): string[] => path.replace(/^\/|\/$/g, '').split('/');

/** The HTTP functions, those with more literal segments first, as ASP.NET routing prefers them. */
export function httpFunctions(functions: Iterable<FunctionMetadata>, routePrefix: string): HttpFunction[] {
  const found = [...functions].flatMap(({ name, bindings }) => {
    const [inputName, trigger] =
      Object.entries(bindings).find(([, { type }]) => /^httptrigger$/i.test(type)) ?? [];
    if (!inputName || !trigger) return [];
    const segments = [routePrefix, trigger.route ?? name].filter(Boolean).join('/').split('/');
    const http: HttpFunction & { parameters: number } = {
      name,
      inputName,
      methods: (trigger.methods ?? ['GET', 'POST']).map((method) => method.toUpperCase()),
      needsKey: trigger.authLevel === 'function' || trigger.authLevel === 'admin',
      match: (given) => matchSegments(segments, given),
      parameters: segments.filter(isParameter).length,
    };
    return [http];
  });
  return found.sort((a, b) => a.parameters - b.parameters);
}

const isParameter = (segment: string) => segment.startsWith('{') && segment.endsWith('}');

/** What a catch-all is called: the last segment of a route may be one, and it may be empty. */
const catchAll = (segments: readonly string[]) => /^\{\*(\w+)\}$/.exec(segments.at(-1) ?? '')?.[1];

/** https://learn.microsoft.com/aspnet/core/fundamentals/routing#route-templates */
function matchSegments(
  segments: readonly string[],
  given: readonly string[],
): Record<string, string> | undefined {
  const rest = catchAll(segments);
  if (rest) {
    const before = segments.length - 1;
    const parameters = matchEach(segments.slice(0, before), given.slice(0, before));
    const values = given.slice(before).map(decode);
    return parameters && !values.includes(undefined)
      ? { ...parameters, [rest]: values.join('/') }
      : undefined;
  }
  return matchEach(segments, given);
}

function matchEach(
  segments: readonly string[],
  given: readonly string[],
): Record<string, string> | undefined {
  if (given.length !== segments.length) return undefined;
  const parameters: Record<string, string> = {};
  for (const [index, segment] of segments.entries()) {
    const value = given[index] ?? '';
    if (isParameter(segment)) {
      const decoded = decode(value);
      if (!decoded) return undefined;
      parameters[segment.slice(1, -1)] = decoded;
    } else if (segment.toLowerCase() !== value.toLowerCase()) return undefined;
  }
  return parameters;
}

function decode(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}
