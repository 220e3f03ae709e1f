import * as z from 'zod';

const id = z.union([z.int().nonnegative(), z.string().regex(/^\d{1,20}$/)]).transform(String);
const names = z.array(z.string());
const affectedValues = z.object({ record_id: id, values: z.record(z.string(), z.unknown()) });
const affectedFields = z.union([z.string(), z.record(z.string(), names)]);

/** Zoho publishes no sample: of what is not as expected only that part is missing. */
const notificationSchema = z.looseObject({
  module: z.string().optional().catch(undefined),
  operation: z.string().optional().catch(undefined),
  /** Epoch ms. */
  server_time: z
    .union([z.int().nonnegative(), z.string().min(1)])
    .optional()
    .catch(undefined),
  channel_id: z.union([z.number(), z.string()]).optional().catch(undefined),
  ids: z.array(z.unknown()).catch([]),
  affected_values: z.array(affectedValues.optional().catch(undefined)).catch([]),
  /** Names, or names by record. */
  affected_fields: z.array(affectedFields.optional().catch(undefined)).catch([]),
});

/** The body of a notification, as far as it can be read. */
export type ZohoNotification = z.infer<typeof notificationSchema>;

/** Undefined for a body that is no JSON object. */
export function readNotification(payload: unknown): ZohoNotification | undefined {
  return notificationSchema.safeParse(payload).data;
}

/** The ids of the records, none twice, and how many there are that cannot be read. */
export function idsIn({ ids }: ZohoNotification): { readonly ids: string[]; readonly unreadable: number } {
  const read = ids.map((value) => id.safeParse(value).data);
  const known = read.flatMap((value) => value ?? []);
  return { ids: [...new Set(known)], unreadable: read.length - known.length };
}

/** The names of the fields of a record that changed; undefined: the notification does not tell. */
export function changedFields(
  { affected_fields, affected_values }: ZohoNotification,
  recordId: string,
): string[] | undefined {
  const told = [
    ...affected_values.flatMap((entry) => (entry?.record_id === recordId ? Object.keys(entry.values) : [])),
    ...affected_fields.flatMap((entry) => (typeof entry === 'string' ? entry : (entry?.[recordId] ?? []))),
  ];
  return told.length > 0 ? [...new Set(told)] : undefined;
}
