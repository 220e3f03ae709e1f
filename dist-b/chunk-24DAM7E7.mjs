import { createRequire as __createRequire } from 'node:module';
const require = __createRequire(import.meta.url);
const __filename = import.meta.filename, __dirname = import.meta.dirname;
async function n(e,r,{records:t,seen:o}){let s=await t.removeCustomer(e,r);return(await t.ofDelivery(e)).length===0&&await o.markForgotten(e),s}export{n as a};
//# sourceMappingURL=chunk-24DAM7E7.mjs.map
