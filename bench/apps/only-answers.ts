/** What taking a webhook costs at least in the local host: it reads the body, and answers. */
import { takeWebhooks } from './take-webhooks.ts';

takeWebhooks(async () => {});
