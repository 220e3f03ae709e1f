import { readFile } from 'node:fs/promises';
import * as z from 'zod';

const timeSpan = z
  .string()
  .regex(/^\d+:[0-5]?\d:[0-5]?\d$/, 'must be hh:mm:ss')
  .transform((text) => {
    const [hours = 0, minutes = 0, seconds = 0] = text.split(':').map(Number);
    return ((hours * 60 + minutes) * 60 + seconds) * 1000;
  });

const queuesSchema = z
  .object({
    batchSize: z.int().min(1).max(32).default(16),
    newBatchThreshold: z.int().min(0).optional(),
    maxDequeueCount: z.int().min(1).default(5),
    visibilityTimeout: timeSpan.default(0),
    // A minute in Azure; two seconds where the host runs in development.
    maxPollingInterval: timeSpan.default(2000),
    messageEncoding: z.enum(['base64', 'none']).default('base64'),
  })
  .transform((queues) => ({
    ...queues,
    newBatchThreshold: queues.newBatchThreshold ?? Math.floor(queues.batchSize / 2),
  }));

const hostJsonSchema = z.object({
  extensions: z
    .object({
      http: z.object({ routePrefix: z.string().default('api') }).prefault({}),
      queues: queuesSchema.prefault({}),
    })
    .prefault({}),
});

/** How queue triggers poll and retry; all times in ms. */
export type QueueSettings = z.infer<typeof queuesSchema>;

/**
 * The parts of host.json that this host obeys, with Azure's defaults
 * (https://learn.microsoft.com/azure/azure-functions/functions-bindings-storage-queue#hostjson-settings).
 * Throws if the file is missing or one of these parts is invalid.
 */
export async function readHostJson(path: string): Promise<{ routePrefix: string; queues: QueueSettings }> {
  const { http, queues } = hostJsonSchema.parse(JSON.parse(await readFile(path, 'utf8'))).extensions;
  return { routePrefix: http.routePrefix, queues };
}
