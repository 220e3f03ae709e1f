import { createRequire as __createRequire } from 'node:module';
const require = __createRequire(import.meta.url);
const __filename = import.meta.filename, __dirname = import.meta.dirname;
function preferenceOf(headers){let values=new Map;for(let part of(headers.get("prefer")??"").split(/[,;]/)){let[name="",value=""]=part.split("=").map(side=>side.trim().toLowerCase());values.has(name)||values.set(name,value.replace(/^"(.*)"$/,"$1"))}let wait=values.get("wait");return{wait:wait!==void 0,waitMs:wait&&/^\d+$/.test(wait)?Math.min(Number(wait)*1e3,3e4):3e4,respondAsync:values.has("respond-async"),isLenient:values.get("handling")==="lenient"}}export{preferenceOf};
//# sourceMappingURL=chunk-BBKEL7JY.mjs.map
