import * as z from 'zod';
import { MalformedDelivery } from '../kind.ts';
import { parseJson } from '../shared/json-body.ts';
import { customerIdIn, type FieldValue, type RecordChange } from '../shared/record-change.ts';
import type { Options } from './options.ts';
import { fieldValueOf, isoTimeOf, withBirthDay } from './values.ts';

const id = z.string().regex(/^[0-9A-Fa-f-]{36}$/);
const keyed = z.array(z.looseObject({ key: z.string(), value: z.unknown() }));
const entitySchema = z.looseObject({ LogicalName: z.string(), Attributes: keyed });

const contextSchema = z.looseObject({
  MessageName: z.string().min(1).max(100),
  PrimaryEntityName: z.string().max(200).nullish(),
  PrimaryEntityId: id.nullish(),
  OperationCreatedOn: z.string().max(100).nullish(),
  InitiatingUserId: z.string().max(100).nullish(),
  // These are removed from a message over 256 KB.
  InputParameters: keyed.nullish(),
  PreEntityImages: keyed.nullish(),
  PostEntityImages: keyed.nullish(),
});

/** What Dataverse tells of one operation: RemoteExecutionContext. */
export type RemoteExecutionContext = z.infer<typeof contextSchema>;
type Entity = z.infer<typeof entitySchema>;

/** The operation itself, without the record: what an item of a delivery holds if the record has to be read. */
export interface Operation {
  readonly object: string;
  readonly recordId: string;
  readonly occurredAt?: string;
  readonly changedBy?: string;
}

/**
 * Reads the body of a Dataverse webhook. Throws {@link MalformedDelivery}.
 * https://learn.microsoft.com/power-apps/developer/data-platform/use-webhooks
 */
export function readContext(body: Uint8Array): RemoteExecutionContext {
  const parsed = contextSchema.safeParse(parseJson(body));
  if (!parsed.success) throw new MalformedDelivery('The body must be a RemoteExecutionContext of Dataverse.');
  return parsed.data;
}

/** Who did what, when, with which record; undefined: the context names no record. */
export function operationOf(context: RemoteExecutionContext): Operation | undefined {
  const { PrimaryEntityName, PrimaryEntityId, OperationCreatedOn, InitiatingUserId } = context;
  if (!PrimaryEntityName || !PrimaryEntityId) return undefined;
  const occurredAt = isoTimeOf(OperationCreatedOn ?? '');
  return {
    object: PrimaryEntityName,
    recordId: PrimaryEntityId.toLowerCase(),
    ...(occurredAt && { occurredAt }),
    ...(InitiatingUserId && { changedBy: InitiatingUserId.toLowerCase() }),
  };
}

/**
 * The change that a Create or Update made: of the Target's attributes, and what the images tell of the rest of the
 * record. undefined: there is no Target.
 */
export function recordChangeOf(
  context: RemoteExecutionContext,
  operation: Operation,
  { idColumn, birthdateTimeZone }: Pick<Options, 'idColumn' | 'birthdateTimeZone'>,
): RecordChange | undefined {
  const target = entityIn(context.InputParameters?.find(({ key }) => key === 'Target')?.value);
  if (!target) return undefined;
  const before = imageOf(context.PreEntityImages, operation.object);
  const after = imageOf(context.PostEntityImages, operation.object);
  const isNew = context.MessageName === 'Create';
  const changed = valuesOf(target, isNew ? undefined : '');
  for (const [name, value] of Object.entries(changed)) changed[name] = named(value, after[name]);
  const fields = withBirthDay({ ...before, ...after, ...changed }, birthdateTimeZone);
  const occurredAt = typeof changed.modifiedon === 'string' ? changed.modifiedon : operation.occurredAt;
  return {
    ...operation,
    ...(occurredAt && { occurredAt }),
    ...customerIdIn(fields[idColumn]),
    fields,
    changed: Object.keys(changed),
    ...(isNew && { snapshot: true as const }),
  };
}

function entityIn(value: unknown): Entity | undefined {
  return entitySchema.safeParse(value).data;
}

/** What all images of the record tell; the name of each is the administrator's choice. */
function imageOf(images: RemoteExecutionContext['PreEntityImages'], object: string) {
  const entities = (images ?? []).map(({ value }) => entityIn(value));
  return Object.assign(
    {},
    ...entities.map((entity) => (entity?.LogicalName === object ? valuesOf(entity, undefined) : {})),
  ) as Record<string, FieldValue>; // Object.assign does not tell what it makes of a spread
}

/** The values of a record by column; `empty` stands for one that is null, undefined leaves it out. */
function valuesOf({ Attributes }: Entity, empty: '' | undefined): Record<string, FieldValue> {
  return Object.fromEntries(
    Attributes.flatMap(({ key, value }): [string, FieldValue][] => {
      const known = value === null ? empty : fieldValueOf(value);
      return known === undefined || (known === '' && empty === undefined) ? [] : [[key, known]];
    }),
  );
}

/** A Target does not tell the name of what it refers to; an image does. */
function named(value: FieldValue, inImage: FieldValue | undefined): FieldValue {
  const isReference = typeof value === 'object' && typeof inImage === 'object';
  return isReference && value.Name === undefined && inImage.Id === value.Id ? inImage : value;
}
