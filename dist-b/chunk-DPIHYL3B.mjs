import { createRequire as __createRequire } from 'node:module';
const require = __createRequire(import.meta.url);
const __filename = import.meta.filename, __dirname = import.meta.dirname;
import{a as s}from"./chunk-34D3ROUJ.mjs";import{I as t,n as o,v as n}from"./chunk-DUWFRDNX.mjs";var i=5*6e4,m=1e11,c=t([n(),o().regex(/^\d{1,15}$/).transform(Number)]).transform(e=>new Date(e<m?e*1e3:e)),a=s.datetime({offset:!0}).transform(e=>new Date(e));function u(e){return t([a,c],{error:"must be an ISO 8601 date-time with a zone, or epoch seconds or milliseconds"}).refine(r=>r.getTime()>=0,{error:"must be a time since 1970"}).refine(r=>!(r.getTime()>e.getTime()+i),{error:"lies in the future: check the clock of the sender"}).transform(r=>r.toISOString())}export{u as a};
//# sourceMappingURL=chunk-DPIHYL3B.mjs.map
