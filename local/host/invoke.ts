import { randomBytes, randomUUID } from 'node:crypto';
import type {
  CoreInvocationContext,
  FunctionMetadata,
  InvocationResponse,
  Registrations,
} from './core-module.ts';

export interface Invocation {
  readonly id: string;
  readonly functionName: string;
  readonly inputName: string;
  readonly inputData: unknown;
  readonly triggerMetadata?: Readonly<Record<string, unknown>>;
  /** The `traceparent` of the request; absent: a new trace begins, as in Azure. */
  readonly traceparent?: string | undefined;
}

/** Prints one log line of a function. */
export type LogLine = (level: string, functionName: string, invocationId: string, message: string) => void;

export function newInvocationId(): string {
  return randomUUID();
}

function newTraceparent(): string {
  const random = randomBytes(24).toString('hex');
  return `00-${random.slice(0, 32)}-${random.slice(32)}-01`;
}

export interface Invoked {
  /** False: the handler returned nothing, and no hook made something of it. */
  readonly hasResult: boolean;
  readonly response: InvocationResponse;
}

/** The side of the app: what it registered, and how an invocation is run. Rejects with the handler's error. */
export interface Worker {
  readonly functions: readonly FunctionMetadata[];
  /** The library's own server (capability `HttpUri`), to which the host proxies. Absent: no HTTP streaming. */
  readonly streamingUri?: string;
  invoke(invocation: Invocation): Promise<Invoked>;
}

/**
 * Runs one invocation in the worker's order: arguments, preInvocation hooks (which may replace inputs and handler),
 * handler, postInvocation hooks (which may replace result and error), response. Rejects with the handler's error.
 */
export async function invoke(
  registrations: Registrations,
  invocation: Invocation,
  log: LogLine,
): Promise<Invoked> {
  const { functions, hooks, model } = registrations;
  const registered = functions.get(invocation.functionName);
  if (!registered || !model) throw new Error(`no function ${invocation.functionName}`);

  const core: CoreInvocationContext = {
    invocationId: invocation.id,
    request: {
      inputData: [{ name: invocation.inputName, data: invocation.inputData }],
      ...(invocation.triggerMetadata && { triggerMetadata: invocation.triggerMetadata }),
      traceContext: { traceParent: invocation.traceparent ?? newTraceparent() },
    },
    metadata: registered.metadata,
    log(level, category, message) {
      const line: Record<string, unknown> = { level, category, message, invocationContext, hookData: {} };
      for (const hook of hooks.log) hook(line);
      log(String(line.level), invocation.functionName, invocation.id, String(line.message));
    },
  };
  let invocationContext: unknown;
  const invocationModel = model.getInvocationModel(core);
  const { context, inputs } = await invocationModel.getArguments();
  invocationContext = context;

  const pre = { invocationContext: context, inputs, functionCallback: registered.callback, hookData: {} };
  core.state = 'preInvocationHooks';
  for (const hook of hooks.preInvocation) await hook(pre);

  core.state = 'invocation';
  const post: Record<string, unknown> = {
    invocationContext: context,
    hookData: pre.hookData,
    inputs: pre.inputs,
  };
  try {
    post.result = await invocationModel.invokeFunction(context, pre.inputs, pre.functionCallback);
  } catch (error) {
    post.error = error;
  }
  core.state = 'postInvocationHooks';
  for (const hook of hooks.postInvocation) await hook(post);
  if (post.error) throw post.error;
  const hasResult = post.result !== null && post.result !== undefined;
  return { hasResult, response: await invocationModel.getResponse(context, post.result) };
}
