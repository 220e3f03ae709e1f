import { createRequire as __createRequire } from 'node:module';
const require = __createRequire(import.meta.url);
const __filename = import.meta.filename, __dirname = import.meta.dirname;
import{iso_exports}from"./chunk-5AY4VKBW.mjs";import{number,string,union}from"./chunk-6SBMDQKO.mjs";var maxAheadMs=5*6e4,firstMilliseconds=1e11,epoch=union([number(),string().regex(/^\d{1,15}$/).transform(Number)]).transform(value=>new Date(value<firstMilliseconds?value*1e3:value)),iso=iso_exports.datetime({offset:!0}).transform(value=>new Date(value));function occurredAtSchema(readAt){return union([iso,epoch],{error:"must be an ISO 8601 date-time with a zone, or epoch seconds or milliseconds"}).refine(date=>date.getTime()>=0,{error:"must be a time since 1970"}).refine(date=>!(date.getTime()>readAt.getTime()+maxAheadMs),{error:"lies in the future: check the clock of the sender"}).transform(date=>date.toISOString())}export{occurredAtSchema};
//# sourceMappingURL=chunk-WDM3IA7R.mjs.map
