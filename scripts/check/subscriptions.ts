import { type GuardReport, guardSubscription } from '../../src/catch-up/guard.ts';
import { ownAddress } from '../../src/net/own-address.ts';
import type { Relay } from '../../src/relay.ts';
import { bad, type Finding, ok, unsure } from './finding.ts';

/** Asks each vendor that tells whether it still sends its webhooks to the relay; with `repair` puts right what is wrong. */
export async function checkSubscriptions(
  { sources, secrets, settings }: Relay,
  repair: boolean,
): Promise<Finding[]> {
  const context = {
    secrets,
    timeoutMs: settings.DIRECTSCALE_TIMEOUT_MS,
    address: ownAddress(settings.PUBLIC_URL, process.env),
    now: () => new Date(),
  };
  const findings: Finding[] = [];
  for (const source of sources.values()) {
    const report = await guardSubscription(source, { repair }, context);
    findings.push(
      report ? findingOf(report) : unsure(`${source.name}: webhooks of this kind cannot be asked for`),
    );
  }
  return findings;
}

function findingOf({ source, state, problems, endsAt, isRepaired }: GuardReport): Finding {
  const ends = endsAt === undefined ? '' : `, until ${endsAt}`;
  const what = `${source}: its webhook`;
  switch (state) {
    case 'as-it-should-be':
      return ok(isRepaired ? `${what} is put right${ends}` : `${what} is as it should be${ends}`);
    case 'broken':
      return bad(`${what}: ${problems.join('; ')}`);
    default:
      return unsure(`${what}: ${problems.join('; ')}`);
  }
}
