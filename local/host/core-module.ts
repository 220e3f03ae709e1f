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
}

/** What the library hands over: how to turn an invocation into a call of the handler, and its result back. */
export interface ProgrammingModel {
  getInvocationModel(context: CoreInvocationContext): InvocationModel;
  getCapabilities(defaults: Record<string, string>): Promise<Record<string, string>>;
}

export interface InvocationModel {
  getArguments(): Promise<{ context: unknown; inputs: unknown[] }>;
  invokeFunction(context: unknown, inputs: unknown[], callback: FunctionCallback): Promise<unknown>;
  getResponse(context: unknown, result: unknown): Promise<unknown>;
}

export interface CoreInvocationContext {
  readonly invocationId: string;
  readonly request: {
    readonly inputData: readonly { readonly name: string; readonly data: unknown }[];
    readonly triggerMetadata?: Readonly<Record<string, unknown>>;
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
      registrations.functions.set(metadata.name, { metadata, callback });
      return new Disposable(() => registrations.functions.delete(metadata.name));
    },
    registerHook(name: HookName, callback: HookCallback) {
      if (!hookNames.includes(name)) throw new RangeError(`Unrecognized hook "${name}"`);
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
