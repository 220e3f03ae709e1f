import { createRequire as __createRequire } from 'node:module';
const require = __createRequire(import.meta.url);
const __filename = import.meta.filename, __dirname = import.meta.dirname;
function i(s){let e=new Map;for(let a of(s.get("prefer")??"").split(/[,;]/)){let[t="",r=""]=a.split("=").map(o=>o.trim().toLowerCase());e.has(t)||e.set(t,r.replace(/^"(.*)"$/,"$1"))}let n=e.get("wait");return{wait:n!==void 0,waitMs:n&&/^\d+$/.test(n)?Math.min(Number(n)*1e3,3e4):3e4,respondAsync:e.has("respond-async"),isLenient:e.get("handling")==="lenient"}}export{i as a};
//# sourceMappingURL=chunk-7DGUJ2G7.mjs.map
