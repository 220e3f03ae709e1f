import type { SubscriptionGuard, SubscriptionState } from '../subscription.ts';
import type { Options } from './options.ts';

const notTold: SubscriptionState = {
  type: 'not-told',
  reason:
    'Salesforce never switches an outbound message off; whether the flow that sends it is active can be seen in its Setup only, with rights that a reading user must not have',
};

/**
 * An outbound message has no state of its own, and reading it takes the right to customize the application.
 * https://developer.salesforce.com/docs/atlas.en-us.api_tooling.meta/api_tooling/tooling_api_objects_workflowoutboundmessage.htm
 */
export const subscription: SubscriptionGuard<Options> = {
  look: async () => notTold,
  repair: async () => notTold,
};
