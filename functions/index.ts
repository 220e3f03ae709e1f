/** What Azure loads (`main` in package.json, bundled): each import registers one function. */
import { app } from '@azure/functions';
import './apply.ts';
import './customers.ts';
import './deliveries.ts';
import './health.ts';
import './preview.ts';
import './upkeep.ts';
import './webhooks.ts';

// Without streaming, a chunked request body arrives empty.
app.setup({ enableHttpStream: true });
