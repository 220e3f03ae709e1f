/** A fresh process that loads one app as the Functions worker does, and prints how long it took: `load-app.ts FILE`. */
import { pathToFileURL } from 'node:url';
import { provideCoreModule } from '../../local/host/core-module.ts';

const registrations = provideCoreModule(() => undefined);
const url = pathToFileURL(process.argv[2] ?? '').href;
const start = performance.now();
await import(url);
const loaded = performance.now();
await registrations.model?.getCapabilities({});
for (const hook of registrations.hooks.appStart) await hook({ hookData: {} });
const ready = performance.now();
if (registrations.functions.size === 0) throw new Error(`${url} registered no function`);
console.log(JSON.stringify({ load: loaded - start, ready: ready - start }));
process.exit();
