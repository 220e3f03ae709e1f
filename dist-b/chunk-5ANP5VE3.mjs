import { createRequire as __createRequire } from 'node:module';
const require = __createRequire(import.meta.url);
const __filename = import.meta.filename, __dirname = import.meta.dirname;
import{c as u}from"./chunk-LZREZO4S.mjs";async function p({kind:a,options:l,secretNames:s},y,f="get"){let g=a.secretForm?.(l)??"text",t=await Promise.allSettled(s.map(e=>y[f](e))),n=t.find(e=>e.status==="rejected");if(n&&t.every(({status:e})=>e==="rejected"))throw n.reason;let o=[],i=new Map;for(let[e,c]of t.entries()){if(c.status==="rejected")continue;let r=u(c.value,g);"unusable"in r?i.set(s[e]??"",r.unusable):o.push(r)}return{keys:o,unusable:i}}export{p as a};
//# sourceMappingURL=chunk-5ANP5VE3.mjs.map
