import { createRequire as __createRequire } from 'node:module';
const require = __createRequire(import.meta.url);
const __filename = import.meta.filename, __dirname = import.meta.dirname;
import{b as t}from"./chunk-SZTGZCUD.mjs";function p(r,i,e){let{deliveryId:d,index:c,source:s,customerId:u,status:o,reason:f,fields:l}=i;t(i,e,new Date);let n=`change ${o}: ${JSON.stringify({deliveryId:d,index:c,source:s,customerId:u,reason:f,fields:l,attempt:e})}`;o==="parked"||e?.outcome==="misconfigured"?r.error(n):e&&(o==="pending"||o==="returned")?r.warn(n):r.log(n)}export{p as a};
//# sourceMappingURL=chunk-KTGLRIKW.mjs.map
