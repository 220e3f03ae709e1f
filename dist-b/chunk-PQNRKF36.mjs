import { createRequire as __createRequire } from 'node:module';
const require = __createRequire(import.meta.url);
const __filename = import.meta.filename, __dirname = import.meta.dirname;
import{d as l,g as o}from"./chunk-YWHB4XGI.mjs";function a(i){return Object.entries(i).flatMap(([e,n])=>n===void 0?[]:typeof n!="object"?[[e,n]]:Object.entries(n).flatMap(([t,r])=>r===void 0?[]:[[`${e}.${t}`,r]]))}function c(i,e){let n=new Set(e);return f(a(i).filter(([t])=>n.has(t)))}function f(i){let e={};for(let[n,t]of i){let[r="",s]=n.split("."),d=e[r];s===void 0?e[r]=t:e[r]={...typeof d=="object"&&d,[s]:t}}return e}function p(i){let e=o.filter(t=>l.every(r=>i.includes(`${t}.${r}`))),n=i.map(t=>e.find(r=>t.startsWith(`${r}.`))??t);return[...new Set(n)]}export{a,c as b,f as c,p as d};
//# sourceMappingURL=chunk-PQNRKF36.mjs.map
