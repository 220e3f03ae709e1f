import { createRequire as __createRequire } from 'node:module';
const require = __createRequire(import.meta.url);
const __filename = import.meta.filename, __dirname = import.meta.dirname;
function c(e,o,t){let{id:r,topic:s,content:n}=e.read(o,t);return{id:r,...s!==void 0&&{topic:s.slice(0,200)},content:"reason"in n?{...n,reason:i(n.reason)}:p(n)}}function p(e){return e.type!=="items"?e:{type:"items",items:e.items.map(t=>"forAPerson"in t?{forAPerson:i(t.forAPerson)}:t)}}var i=e=>e.length>500?`${e.slice(0,499)}\u2026`:e;export{c as a};
//# sourceMappingURL=chunk-PAI7EKWP.mjs.map
