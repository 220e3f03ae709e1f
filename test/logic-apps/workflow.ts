import { readFile } from 'node:fs/promises';
import { evaluateString, type Functions } from './expressions.ts';
import { type Actions, type HttpAction, workflowFileSchema } from './workflow-definition.ts';

/** The text of the workflow that is in the documentation. */
export const workflowText = await readFile('docs/logic-apps/workflow.json', 'utf8');

/** Parses a workflow file. Throws a ZodError for what is no definition. */
export const readWorkflow = (text: string) => workflowFileSchema.parse(JSON.parse(text));

/** The HTTP actions of a workflow, by name. */
export function httpActionsIn(actions: Actions): [string, HttpAction][] {
  return Object.entries(actions).flatMap(([name, action]): [string, HttpAction][] => {
    if (action.type === 'Http') return [[name, action]];
    if (action.type !== 'If') return [];
    return [...httpActionsIn(action.actions), ...httpActionsIn(action.else?.actions ?? {})];
  });
}

/** What the expressions of an HTTP action see. */
export interface Run {
  readonly relayUrl: string;
  readonly relayKey: string;
  readonly id: string;
  readonly triggerBody: Readonly<Record<string, unknown>>;
}

/** The request that an HTTP action makes in a run. */
export function requestOf({ inputs }: HttpAction, run: Run) {
  const functions: Functions = {
    parameters: (name) => Object.entries(run).find(([key]) => key === name)?.[1],
    triggerBody: () => run.triggerBody,
    workflow: () => ({ run: { name: run.id } }),
    encodeUriComponent: (value) => encodeURIComponent(String(value)),
    coalesce: (...values) => values.find((value) => value !== null),
    utcNow: () => new Date().toISOString(),
  };
  const values = (of: Readonly<Record<string, string>> = {}): Record<string, string> =>
    Object.fromEntries(
      Object.entries(of).map(([name, value]) => [name, String(evaluateString(value, functions))]),
    );
  return {
    method: inputs.method,
    uri: String(evaluateString(inputs.uri, functions)),
    headers: values(inputs.headers),
    queries: values(inputs.queries),
    body: evaluateString(String(inputs.body), functions),
  };
}
