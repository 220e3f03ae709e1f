/** `npm run demo`: starts the stack, sends one signed sample of each source, shows each customer before and after. */
import { readArguments, runProgram } from '../cli/program.ts';
import { everyKind } from './relay-file.ts';
import { followDelivery, sendDelivery, senderOf } from './sender.ts';
import { startStack } from './stack.ts';

async function linksOf(relay: string, customerId: string): Promise<object[]> {
  const answer = await fetch(`${relay}/api/links?customer=${customerId}`);
  return ((await answer.json()) as { links: object[] }).links;
}

function differences(customer: string, before: object, after: object, prefix = ''): object[] {
  return Object.entries(after).flatMap(([name, value]) => {
    const old: unknown = Reflect.get(before, name);
    const field = `${prefix}${name}`;
    if (typeof value === 'object' && value !== null) {
      return differences(customer, (old ?? {}) as object, value, `${field}.`);
    }
    return old === value ? [] : [{ customer, field, before: old, after: value }];
  });
}

await runProgram(
  'usage: npm run demo\n  starts the stack and sends one signed sample of each source',
  async (args) => {
    readArguments(args, {});
    const started = performance.now();
    const sources = everyKind();
    const stack = await startStack({ sources });
    console.log(`The stack is up after ${Math.round(performance.now() - started)} ms.\n`);
    let failed = false;
    try {
      for (const [name, entry] of Object.entries(sources)) {
        // The samples are about one customer: each begins anew.
        await fetch(`${stack.host.url}/api/customers/10542/deliveries`, { method: 'DELETE' });
        stack.sandbox.reset();
        const before = structuredClone(stack.sandbox.customers);
        const sent = performance.now();
        const answer = await sendDelivery(stack.host.url, name, entry);
        const took = () => `${Math.round(performance.now() - sent)} ms`;
        console.log(`${name} (${entry.kind}): a signed webhook is answered ${answer.status} in ${took()}`);
        const response = await followDelivery(answer);
        console.log(`and is with DirectScale after ${took()}`);
        const changes = [...stack.sandbox.customers].flatMap(([id, customer]) =>
          differences(id, before.get(id) ?? {}, customer),
        );
        if (!response.ok) console.log(await response.text());
        const shown = (await senderOf(entry.kind)).makesLink
          ? await linksOf(stack.host.url, '10542')
          : changes;
        if (shown.length === 0) failed = true;
        console.table(shown);
      }
    } finally {
      await stack.stop();
    }
    if (failed) {
      console.error('A sample changed nothing.');
      process.exitCode = 1;
    }
  },
);
