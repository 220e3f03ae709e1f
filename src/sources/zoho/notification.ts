import * as z from 'zod';

const id = z.union([z.int().nonnegative(), z.string().regex(/^\d{1,20}$/)]).transform(String);
const names = z.array(z.string());

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
  ids: z.array(id).catch([]),
  affected_values: z.array(z.object({ record_id: id, values: z.record(z.string(), z.unknown()) })).catch([]),
  /** Names, or names by record. */
  affected_fields: z.array(z.union([z.string(), z.record(z.string(), names)])).catch([]),
});

/** The body of a notification, as far as it can be read. */
export type ZohoNotification = z.infer<typeof notificationSchema>;

/** Undefined for a body that is no JSON object. */
export function readNotification(payload: unknown): ZohoNotification | undefined {
  return notificationSchema.safeParse(payload).data;
}

/** The names of the fields of a record that changed; undefined: the notification does not tell. */
export function changedFields(
  { affected_fields, affected_values }: ZohoNotification,
  recordId: string,
): string[] | undefined {
  const told = [
    ...affected_values.flatMap(({ record_id, values }) =>
      record_id === recordId ? Object.keys(values) : [],
    ),
    ...affected_fields.flatMap((entry) => (typeof entry === 'string' ? entry : (entry[recordId] ?? []))),
  ];
  return told.length > 0 ? [...new Set(told)] : undefined;
}
