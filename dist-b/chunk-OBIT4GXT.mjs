import { createRequire as __createRequire } from 'node:module';
const require = __createRequire(import.meta.url);
const __filename = import.meta.filename, __dirname = import.meta.dirname;
async function forgetDelivery(deliveryId,customerId,{records,seen}){let removed=await records.removeCustomer(deliveryId,customerId);return(await records.ofDelivery(deliveryId)).length===0&&await seen.markForgotten(deliveryId),removed}export{forgetDelivery};
//# sourceMappingURL=chunk-OBIT4GXT.mjs.map
