import { createRequire as __createRequire } from 'node:module';
const require = __createRequire(import.meta.url);
const __filename = import.meta.filename, __dirname = import.meta.dirname;
import{healthDetails}from"./chunk-4IJHJTXM.mjs";import"./chunk-DSQAA64N.mjs";import{relayState}from"./chunk-B2JHXQII.mjs";import"./chunk-5PGDWQCU.mjs";import"./chunk-BVQDGI7W.mjs";import"./chunk-YQYG6DHR.mjs";import"./chunk-OMNOVO5R.mjs";import"./chunk-KQWND735.mjs";import"./chunk-N5VISXGF.mjs";import"./chunk-5CXJQCN6.mjs";import"./chunk-Z4LW3SC3.mjs";import"./chunk-JVTIF6OI.mjs";import"./chunk-KJDMOMZZ.mjs";import"./chunk-4OPMVFZZ.mjs";import"./chunk-Y7KHKZOB.mjs";import"./chunk-5AY4VKBW.mjs";import"./chunk-6SBMDQKO.mjs";import"./chunk-ASG2CD7E.mjs";async function reportHealth(context){context.log(`health: ${JSON.stringify(await healthDetails(await relayState()))}`)}export{reportHealth};
//# sourceMappingURL=chunk-I3266OPA.mjs.map
