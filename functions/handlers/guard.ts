import type { InvocationContext } from '@azure/functions';
import { type GuardReport, guardSubscription } from '../../src/catch-up/guard.ts';
import { ownAddress } from '../../src/net/own-address.ts';
import { getRelay } from '../../src/relay.ts';

export async function guardAll(context: InvocationContext): Promise<void> {
  const relay = await getRelay();
  const { secrets, settings } = relay;
  const asking = {
    secrets,
    timeoutMs: settings.DIRECTSCALE_TIMEOUT_MS,
    address: ownAddress(settings.PUBLIC_URL, process.env),
    now: () => new Date(),
  };
  const sources = [...relay.sources.values()].filter(({ kind }) => kind.subscription);
  if (sources.length === 0) return;
  const states = await relay.jobStates();
  // One vendor that does not answer must not keep the others back.
  const results = await Promise.allSettled(
    sources.map(async (source) => {
      const repair = source.catchUp?.repairSubscription ?? false;
      const report = await guardSubscription(source, { repair }, asking);
      if (report) await states.writeGuard(report);
      return report;
    }),
  );
  for (const result of results) {
    if (result.status === 'rejected')
      context.error(`guard failed: ${result.reason instanceof Error ? result.reason.name : 'unknown'}`);
    else if (result.value) tell(result.value, context);
  }
}

function tell(report: GuardReport, context: InvocationContext): void {
  const line = `subscription: ${JSON.stringify(report)}`;
  if (report.state === 'broken') context.error(line);
  else if (report.state === 'unavailable' || report.isRepaired) context.warn(line);
  else context.log(line);
}
