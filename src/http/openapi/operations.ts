import type { Operation } from './operation.ts';
import { catchUpOperations } from './operations/catch-up.ts';
import { customerOperations, customerStateOperations } from './operations/customers.ts';
import { deliveryOperations, remapOperation } from './operations/deliveries.ts';
import { healthOperations } from './operations/health.ts';
import { issueOperations } from './operations/issues.ts';
import { linkOperations } from './operations/links.ts';
import { actOperations, countOperations, pauseOperations, sourceOperations } from './operations/operate.ts';
import { draftOperation, webhookOperations } from './operations/webhooks.ts';

/** Every route and method of the API. A test holds this list against the functions that are registered. */
export const operations: readonly Operation[] = [
  ...customerOperations,
  ...customerStateOperations,
  ...deliveryOperations,
  remapOperation,
  ...issueOperations,
  ...linkOperations,
  ...catchUpOperations,
  ...sourceOperations,
  ...countOperations,
  ...pauseOperations,
  ...actOperations,
  ...webhookOperations,
  draftOperation,
  ...healthOperations,
];
