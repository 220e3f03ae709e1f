/**
 * What Azure loads (`main` in package.json, bundled): each import registers one function. What the function does
 * (handlers/) is loaded by its first call: an instance that only takes webhooks never loads the rest.
 */
import { app } from '@azure/functions';
import './apply.ts';
import './catch-up.ts';
import './console.ts';
import './customers.ts';
import './deliveries.ts';
import './health.ts';
import './import.ts';
import './issues.ts';
import './links.ts';
import './openapi.ts';
import './operate.ts';
import './preview.ts';
import './report-health.ts';
import './upkeep.ts';
import './webhooks.ts';
import { flush } from '../src/telemetry/telemetry.ts';

// What was recorded last is not lost when an instance goes.
app.hook.appTerminate(flush);

// Without streaming, a chunked request body arrives empty.
app.setup({ enableHttpStream: true });
