/** What Azure loads (`main` in package.json, bundled): each import registers one function. */
import { app } from '@azure/functions';
import './customers.ts';
import './health.ts';
import './preview.ts';
import './webhooks.ts';

// Without streaming, a chunked request body arrives empty.
app.setup({ enableHttpStream: true });
