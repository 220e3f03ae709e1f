import type { Acts } from './acts.ts';
import type { BudgetShares } from './budget-shares.ts';
import type { CustomerPauses } from './customer-pauses.ts';
import type { CustomerStates } from './customer-states.ts';
import type { SummedHours } from './hour-counts.ts';
import type { LastRefusals } from './last-refusals.ts';
import type { Links } from './links.ts';
import type { MessageQueue } from './message-queue.ts';
import type { MutedIssues } from './muted-issues.ts';
import type { Pauses } from './pauses.ts';
import type { Records } from './records.ts';
import type { SeenDeliveries } from './seen-deliveries.ts';

/** What lies in tables, each part behind its own contract. */
export interface Tables {
  readonly records: Records;
  readonly states: CustomerStates;
  readonly seen: SeenDeliveries;
  readonly links: Links;
  readonly pauses: Pauses;
  readonly customerPauses: CustomerPauses;
  readonly acts: Acts;
  readonly mutedIssues: MutedIssues;
  readonly summedHours: SummedHours;
  readonly lastRefusals: LastRefusals;
  readonly budgetShares: BudgetShares;
}

/** Everything durable. */
export interface Stores extends Tables {
  readonly queue: MessageQueue;
}
