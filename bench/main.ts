/**
 * `npm run bench [-- PART…]`: the relay beside its bare equivalent, in one run and on this machine only. The last column
 * is the relay's figure divided by the one beside it. Parts: start, calls, cpu, accepted, idle, memory, console; all without one.
 */
import { availableParallelism } from 'node:os';
import { measureAccepted } from './accepted.ts';
import { measureAcceptedWhileApplying } from './accepted-while-applying.ts';
import { bundles } from './bundles.ts';
import { measureConsole } from './console.ts';
import { measureCpu } from './cpu.ts';
import { measureIdle } from './idle.ts';
import { measureMemory } from './memory.ts';
import { startLoadGenerator } from './processes/children.ts';
import { measureStart } from './start.ts';
import { measureStorageCalls } from './storage-calls.ts';

const deadlineMs = 15 * 60_000;
// The other processes end with this one.
setTimeout(() => {
  console.error(`the benchmark did not end within ${deadlineMs / 60_000} minutes`);
  process.exit(1);
}, deadlineMs).unref();

const apps = await bundles();
const load = startLoadGenerator();
const parts = {
  start: () => measureStart(apps),
  calls: () => measureStorageCalls(apps.relay, load),
  cpu: () => measureCpu(apps, load),
  accepted: async () => {
    await measureAccepted(apps, load);
    await measureAcceptedWhileApplying(apps.relay, load);
  },
  idle: () => measureIdle(apps.relay, load),
  memory: () => measureMemory(apps, load),
  console: () => measureConsole(apps.relay),
};
const chosen = process.argv.slice(2);
const start = performance.now();
console.log(`Node.js ${process.version}, ${availableParallelism()} cores\n`);
for (const [name, measure] of Object.entries(parts)) {
  if (chosen.length === 0 || chosen.includes(name)) await measure();
}
await load.stop();
console.log(`\nin ${Math.round((performance.now() - start) / 1000)} s`);
