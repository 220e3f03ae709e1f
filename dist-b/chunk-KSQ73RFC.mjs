import { createRequire as __createRequire } from 'node:module';
const require = __createRequire(import.meta.url);
const __filename = import.meta.filename, __dirname = import.meta.dirname;
import{measure}from"./chunk-KJDMOMZZ.mjs";function countAccepted({source}){measure("relay.changes",1,{source,outcome:"accepted"})}function countOutcome(record,attempt,now){let{source,status,receivedAt}=record;if(status==="pending"&&!attempt)return;let outcome=status==="pending"?"retried":status,reason=status==="ignored"?void 0:attempt?.reason??record.reason;measure("relay.changes",1,{source,outcome,...reason&&{reason}}),status==="applied"&&measure("relay.change.age",Math.max(0,now.getTime()-Date.parse(receivedAt)),{source})}export{countAccepted,countOutcome};
//# sourceMappingURL=chunk-KSQ73RFC.mjs.map
