import { createRequire as __createRequire } from 'node:module';
const require = __createRequire(import.meta.url);
const __filename = import.meta.filename, __dirname = import.meta.dirname;
import{randomBytes as a}from"node:crypto";var o=/^00-((?!0{32})[0-9a-f]{32})-((?!0{16})[0-9a-f]{16})-([0-9a-f]{2})$/;function i(e){let[,n,t,r]=o.exec(e??"")??[];if(!(!n||!t||!r))return{traceId:n,spanId:t,isSampled:(Number.parseInt(r,16)&1)===1}}function p({traceId:e,spanId:n,isSampled:t}){return`00-${e}-${n}-${t?"01":"00"}`}function s(e){return{traceId:e?.traceId??a(16).toString("hex"),spanId:a(8).toString("hex"),isSampled:e?.isSampled??!0}}export{i as a,p as b,s as c};
//# sourceMappingURL=chunk-5CFA7RI3.mjs.map
