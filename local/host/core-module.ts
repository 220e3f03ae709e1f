import Module from 'node:module';

/** The function metadata that the library registers: bindings by name, the trigger among them. */
export interface FunctionMetadata {
  readonly name: string;
  readonly bindings: Readonly<Record<string, Binding>>;
}

export interface Binding {
  readonly type: string;
  readonly direction: 'in' | 'out';
  readonly route?: string;
  readonly methods?: readonly string[];
  readonly authLevel?: 'anonymous' | 'function' | 'admin';
  readonly queueName?: string;
  /** Name of the app setting with the connection string. */
  readonly connection?: string;
  readonly schedule?: string;
  readonly runOnStartup?: boolean;
}

/** What the library hands over: how to turn an invocation into a call of the handler, and its result back. */
export interface ProgrammingModel {
  getInvocationModel(context: CoreInvocationContext): InvocationModel;
  getCapabilities(defaults: Record<string, string>): Promise<Record<string, string>>;
}

export interface InvocationModel {
  getArguments(): Promise<{ context: unknown; inputs: unknown[] }>;
  invokeFunction(context: unknown, inputs: unknown[], callback: FunctionCallback): Promise<unknown>;
  getResponse(context: unknown, result: unknown): Promise<InvocationResponse>;
}

export interface InvocationResponse {
  /** With HTTP streaming the answer goes by the library's own server instead. */
  readonly returnValue?: { readonly http?: RpcHttpResponse } | null;
}

/** An HTTP answer without streaming: status as text, values that may be absent wrapped in an object. */
export interface RpcHttpResponse {
  readonly statusCode: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly cookies: readonly RpcCookie[];
  readonly body?: { readonly bytes?: Uint8Array };
}

export interface RpcCookie {
  readonly name: string;
  readonly value: string;
  readonly domain?: { readonly value: string };
  readonly path?: { readonly value: string };
  readonly expires?: { readonly value: { readonly seconds: number } };
  readonly maxAge?: { readonly value: number };
  readonly secure?: { readonly value: boolean };
  readonly httpOnly?: { readonly value: boolean };
  readonly sameSite: 'none' | 'lax' | 'strict' | 'explicitNone';
}

export interface CoreInvocationContext {
  readonly invocationId: string;
  readonly request: {
    readonly inputData: readonly { readonly name: string; readonly data: unknown }[];
    readonly triggerMetadata?: Readonly<Record<string, unknown>>;
    readonly traceContext: { readonly traceParent: string };
  };
  readonly metadata: FunctionMetadata;
  state?: 'preInvocationHooks' | 'postInvocationHooks' | 'invocation';
  log(level: string, category: string, message: string): void;
}

export type FunctionCallback = (...args: unknown[]) => unknown;
export type HookCallback = (context: Record<string, unknown>) => unknown;

const hookNames = ['preInvocation', 'postInvocation', 'appStart', 'appTerminate', 'log'] as const;
export type HookName = (typeof hookNames)[number];

/** What the app registered. */
export interface Registrations {
  readonly functions: Map<string, { metadata: FunctionMetadata; callback: FunctionCallback }>;
  readonly hooks: Record<HookName, HookCallback[]>;
  model: ProgrammingModel | undefined;
  /** True once the app has started: a later registration throws. */
  locked: boolean;
}

/** The name of the trigger's binding, and the binding. Throws when there is none: the library always registers one. */
export function triggerOf({ name, bindings }: FunctionMetadata): { inputName: string; trigger: Binding } {
  for (const [inputName, trigger] of Object.entries(bindings)) {
    if (/trigger$/i.test(trigger.type)) return { inputName, trigger };
  }
  throw new Error(`function ${name} has no trigger`);
}

/**
 * Provides the module `@azure/functions-core`, which exists only inside the Functions worker: by wrapping `require`
 * and comparing the literal name, as the worker does (azure-functions-nodejs-worker, setupCoreModule).
 * Must run before the app is imported: the library remembers for good that it found none.
 */
export function provideCoreModule(
  log: (level: string, category: string, message: string) => void,
): Registrations {
  const registrations: Registrations = {
    functions: new Map(),
    hooks: { preInvocation: [], postInvocation: [], appStart: [], appTerminate: [], log: [] },
    model: undefined,
    locked: false,
  };

  class Disposable {
    readonly dispose: () => void;
    constructor(dispose: () => void) {
      this.dispose = dispose;
    }
  }

  const core = {
    version: '3.12.0',
    hostVersion: '4.1040.0',
    Disposable,
    log,
    setProgrammingModel(model: ProgrammingModel) {
      registrations.model = model;
    },
    getProgrammingModel: () => registrations.model,
    registerFunction(metadata: FunctionMetadata, callback: FunctionCallback) {
      if (registrations.locked) throw new Error('A function can only be registered during app startup.');
      registrations.functions.set(metadata.name, { metadata, callback });
      return new Disposable(() => registrations.functions.delete(metadata.name));
    },
    registerHook(name: HookName, callback: HookCallback) {
      // The library recognizes the worker's own errors by this flag.
      if (!hookNames.includes(name)) {
        throw Object.assign(new RangeError(`Unrecognized hook "${name}"`), {
          isAzureFunctionsSystemError: true,
        });
      }
      registrations.hooks[name].push(callback);
      return new Disposable(() => {
        registrations.hooks[name] = registrations.hooks[name].filter((hook) => hook !== callback);
      });
    },
  };

  const original = Module.prototype.require;
  Module.prototype.require = Object.assign(function (this: Module, id: string): unknown {
    return id === '@azure/functions-core' ? core : original.call(this, id);
  }, original);
  return registrations;
}
