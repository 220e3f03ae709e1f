/** `npm run send -- <source> [file]`: signs a payload as the source's vendor does and sends it to the running stack. */
import * as z from 'zod';
import { RelayFailure, Unusable, UsageError } from '../cli/errors.ts';
import { readArguments, runProgram } from '../cli/program.ts';
import { sourcesOf } from './relay-file.ts';
import { runningStack } from './running-stack.ts';
import { followDelivery, sendDelivery } from './sender.ts';

const usage = `usage: npm run send -- <source> [file] [--topic T]
  file       a payload of your own; absent: the sample of the source's kind
  --topic T  what happened, for kinds that say it in a header: customers/delete`;

const deliverySchema = z.object({ deliveryId: z.string(), receivedAt: z.iso.datetime() });

await runProgram(usage, async (args) => {
  const { values, positionals } = readArguments(args, { topic: { type: 'string' } }, [1, 2]);
  const [source = '', file] = positionals;
  const stack = await runningStack();
  if (!stack) throw new Unusable('No stack is running here: start one with npm start.');
  const sources = await sourcesOf(stack.relayConfig);
  const entry = sources[source];
  if (!entry) {
    const known = Object.keys(sources).join(', ');
    throw new UsageError(`There is no source ${source} in ${stack.relayConfig}; there are: ${known}`);
  }
  const sentAt = new Date();
  const response = await sendDelivery(stack.relay, source, entry, { file, topic: values.topic }).catch(
    notReached,
  );
  console.log(`${response.status} ${response.statusText} ${response.headers.get('location') ?? ''}`.trim());
  const outcome = await followDelivery(response, stack.functionKey);
  const report: unknown = await outcome.json();
  console.log(JSON.stringify(report, null, 2));
  const delivery = deliverySchema.safeParse(report);
  if (delivery.success && new Date(delivery.data.receivedAt) < sentAt) tellRepeat(delivery.data);
  if (!outcome.ok) process.exitCode = 1;
});

/** The relay takes what a sender sends twice once; its answer is what came of it then. */
function tellRepeat({ deliveryId, receivedAt }: z.output<typeof deliverySchema>): void {
  console.log(`This is a repeat: the same was received at ${receivedAt}, and above is what came of it then.`);
  console.log(`Map it again, with the mapping of now: npm run deliveries -- replay ${deliveryId}`);
}

function notReached(error: unknown): never {
  if (!(error instanceof TypeError)) throw error;
  throw new RelayFailure(`The relay cannot be reached: ${String(error.cause ?? error.message)}`);
}
