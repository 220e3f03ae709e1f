/** `npm run bench`: cold start, latency under load, storage operations per change, and what a million changes cost. */
import { measureColdStart } from './cold-start.ts';
import { measureCost } from './cost.ts';
import { measureLatency } from './latency.ts';

const bundle = 'dist/index.mjs';

await measureColdStart(bundle);
await measureLatency(bundle);
await measureCost(bundle);
