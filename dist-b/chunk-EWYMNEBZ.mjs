import { createRequire as __createRequire } from 'node:module';
const require = __createRequire(import.meta.url);
const __filename = import.meta.filename, __dirname = import.meta.dirname;
import{countOutcome}from"./chunk-KSQ73RFC.mjs";function logRecorded(context,record,attempt){let{deliveryId,index,source,customerId,status,reason,fields}=record;countOutcome(record,attempt,new Date);let line=`change ${status}: ${JSON.stringify({deliveryId,index,source,customerId,reason,fields,attempt})}`;status==="parked"||attempt?.outcome==="misconfigured"?context.error(line):attempt&&(status==="pending"||status==="returned")?context.warn(line):context.log(line)}export{logRecorded};
//# sourceMappingURL=chunk-EWYMNEBZ.mjs.map
