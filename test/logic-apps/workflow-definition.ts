import * as z from 'zod';

/**
 * The part of the Workflow Definition Language that workflow.json uses, stricter than Azure: no member that is not
 * documented. https://learn.microsoft.com/azure/logic-apps/logic-apps-workflow-actions-triggers
 */
const name = z.string().regex(/^[A-Za-z]\w{0,79}$/);
const duration = z.iso.duration();
const text = z.string().min(1);

const runAfter = z.record(name, z.array(z.enum(['Succeeded', 'Failed', 'Skipped', 'TimedOut'])).min(1));
const runtimeConfiguration = z.strictObject({
  secureData: z.strictObject({ properties: z.array(z.enum(['inputs', 'outputs'])).min(1) }),
});

const retryPolicy = z.strictObject({
  type: z.literal('exponential'),
  count: z.int().min(1).max(90),
  interval: duration,
  minimumInterval: duration.optional(),
  maximumInterval: duration.optional(),
});

const http = z.strictObject({
  type: z.literal('Http'),
  inputs: z.strictObject({
    method: z.enum(['GET', 'PUT', 'POST', 'PATCH', 'DELETE']),
    uri: text.max(2048),
    headers: z.record(z.string(), text).optional(),
    queries: z.record(z.string(), text).optional(),
    body: z.unknown().optional(),
    retryPolicy: retryPolicy.optional(),
  }),
  runAfter,
  limit: z.strictObject({ timeout: duration }).optional(),
  operationOptions: z.literal('DisableAsyncPattern').optional(),
  runtimeConfiguration: runtimeConfiguration.optional(),
});

const response = z.strictObject({
  type: z.literal('Response'),
  kind: z.literal('Http').optional(),
  inputs: z.strictObject({
    statusCode: z.union([z.int().min(200).max(599), text]),
    headers: z.record(z.string(), text).optional(),
    body: z.unknown().optional(),
  }),
  runAfter,
});

const terminate = z.strictObject({
  type: z.literal('Terminate'),
  inputs: z.strictObject({
    runStatus: z.enum(['Failed', 'Cancelled', 'Succeeded']),
    runError: z.strictObject({ code: text, message: text }).optional(),
  }),
  runAfter,
});

const comparison = z.union([
  z.strictObject({ equals: z.tuple([z.unknown(), z.unknown()]) }),
  z.strictObject({ contains: z.tuple([z.unknown(), z.unknown()]) }),
]);
const condition = z.union([
  comparison,
  z.strictObject({ not: comparison }),
  z.strictObject({ and: z.array(comparison).min(1) }),
  z.strictObject({ or: z.array(comparison).min(1) }),
]);

const branch = z.strictObject({
  type: z.literal('If'),
  expression: condition,
  get actions() {
    return actions;
  },
  get else() {
    return z.strictObject({ actions }).optional();
  },
  runAfter,
});

const action = z.discriminatedUnion('type', [http, response, terminate, branch]);
const actions: z.ZodType<Actions> = z.lazy(() => z.record(name, action));

export type HttpAction = z.infer<typeof http>;
export type Action =
  | HttpAction
  | z.infer<typeof response>
  | z.infer<typeof terminate>
  | {
      readonly type: 'If';
      readonly expression: z.infer<typeof condition>;
      readonly actions: Actions;
      readonly else?: { readonly actions: Actions } | undefined;
      readonly runAfter: z.infer<typeof runAfter>;
    };
export interface Actions {
  readonly [name: string]: Action;
}

const trigger = z.strictObject({
  type: z.literal('Request'),
  kind: z.literal('Http').optional(),
  inputs: z.strictObject({
    method: z.enum(['GET', 'PUT', 'POST', 'PATCH', 'DELETE']).optional(),
    relativePath: text.optional(),
    schema: z.looseObject({ type: z.literal('object') }),
  }),
  runtimeConfiguration: runtimeConfiguration.optional(),
});

const parameter = z.strictObject({
  type: z.enum(['int', 'float', 'string', 'securestring', 'bool', 'array', 'object', 'secureobject']),
  defaultValue: z.unknown().optional(),
  allowedValues: z.array(z.unknown()).optional(),
  metadata: z.looseObject({}).optional(),
});

const count = (limit: number) => (value: object) => Object.keys(value).length <= limit;

/** A file as the portal's code view and an ARM template's `properties` hold it. */
export const workflowFileSchema = z.strictObject({
  definition: z.strictObject({
    $schema: z.literal(
      'https://schema.management.azure.com/providers/Microsoft.Logic/schemas/2016-06-01/workflowdefinition.json#',
    ),
    contentVersion: z.string().regex(/^\d+(\.\d+){3}$/),
    parameters: z.record(name, parameter).refine(count(50)),
    triggers: z.record(name, trigger).refine(count(10)),
    actions,
    outputs: z.strictObject({}),
  }),
  parameters: z.record(name, z.strictObject({ value: z.unknown() })),
});

export type Definition = z.infer<typeof workflowFileSchema>['definition'];
