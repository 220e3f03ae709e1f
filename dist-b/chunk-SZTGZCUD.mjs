import { createRequire as __createRequire } from 'node:module';
const require = __createRequire(import.meta.url);
const __filename = import.meta.filename, __dirname = import.meta.dirname;
import{e as o}from"./chunk-TR43SUE5.mjs";function p({source:t}){o("relay.changes",1,{source:t,outcome:"accepted"})}function u(t,r,i){let{source:n,status:e,receivedAt:a}=t;if(e==="pending"&&!r)return;let d=e==="pending"?"retried":e,c=e==="ignored"?void 0:r?.reason??t.reason;o("relay.changes",1,{source:n,outcome:d,...c&&{reason:c}}),e==="applied"&&o("relay.change.age",Math.max(0,i.getTime()-Date.parse(a)),{source:n})}export{p as a,u as b};
//# sourceMappingURL=chunk-SZTGZCUD.mjs.map
