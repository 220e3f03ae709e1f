import { callsOf, parseString } from './expressions.ts';
import type { Actions, Definition } from './workflow-definition.ts';

/** The functions that expressions may call, and how many arguments each takes. */
const known: Readonly<Record<string, readonly [least: number, most: number]>> = {
  body: [1, 1],
  coalesce: [1, 99],
  createArray: [1, 99],
  encodeUriComponent: [1, 1],
  outputs: [1, 1],
  parameters: [1, 1],
  triggerBody: [0, 0],
  utcNow: [0, 1],
  workflow: [0, 0],
};

/**
 * What a schema cannot say of a workflow: `runAfter` names an action of the same scope and goes in no circle; names
 * are unique; an expression uses a declared parameter, a known function, and only actions that have run before.
 */
export function faultsOf(definition: Definition): string[] {
  const faults: string[] = [];
  const names = new Set<string>();
  const used = new Set<string>();
  visit(definition.actions, new Set());
  for (const name of Object.keys(definition.parameters)) {
    if (!used.has(name)) faults.push(`parameter ${name} is not used`);
  }
  if (Object.keys(definition.triggers).length === 0) faults.push('there is no trigger');
  return faults;

  function visit(actions: Actions, before: ReadonlySet<string>): void {
    for (const [name, action] of Object.entries(actions)) {
      if (names.has(name)) faults.push(`${name} is there twice`);
      names.add(name);
      const earlier = new Set([...before, ...predecessors(name, actions)]);
      if (earlier.has(name)) faults.push(`${name} runs after itself`);
      const { type: _, runAfter: __, ...rest } = action;
      const own = action.type === 'If' ? action.expression : rest;
      for (const text of stringsIn(own)) check(name, text, earlier);
      if (action.type !== 'If') continue;
      visit(action.actions, earlier);
      if (action.else) visit(action.else.actions, earlier);
    }
  }

  function predecessors(name: string, actions: Actions): Set<string> {
    const found = new Set<string>();
    const add = (of: string): void => {
      for (const before of Object.keys(actions[of]?.runAfter ?? {})) {
        if (!actions[before]) faults.push(`${of} runs after ${before}, which is not in its scope`);
        else if (!found.has(before)) {
          found.add(before);
          add(before);
        }
      }
    };
    add(name);
    return found;
  }

  function check(name: string, text: string, earlier: ReadonlySet<string>): void {
    for (const call of expressionsIn(name, text).flatMap(callsOf)) {
      const [least, most] = known[call.name] ?? [];
      const [first] = call.arguments;
      const of = first?.type === 'literal' ? String(first.value) : '';
      if (least === undefined || most === undefined) faults.push(`${name}: no function ${call.name}`);
      else if (call.arguments.length < least || call.arguments.length > most) {
        faults.push(`${name}: ${call.name} with ${call.arguments.length} arguments`);
      }
      if (call.name === 'parameters') {
        used.add(of);
        if (!definition.parameters[of]) faults.push(`${name}: no parameter ${of}`);
      }
      if ((call.name === 'body' || call.name === 'outputs') && !earlier.has(of)) {
        faults.push(`${name}: ${of} has not run before`);
      }
    }
  }

  function expressionsIn(name: string, text: string) {
    try {
      return parseString(text).filter((part) => typeof part !== 'string');
    } catch (error) {
      faults.push(`${name}: ${error instanceof Error ? error.message : error}`);
      return [];
    }
  }
}

function stringsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(stringsIn) : [];
}
