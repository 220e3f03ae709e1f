import { createRequire as __createRequire } from 'node:module';
const require = __createRequire(import.meta.url);
const __filename = import.meta.filename, __dirname = import.meta.dirname;
import{randomBytes}from"node:crypto";var pattern=/^00-((?!0{32})[0-9a-f]{32})-((?!0{16})[0-9a-f]{16})-([0-9a-f]{2})$/;function parseTraceparent(text){let[,traceId,spanId,flags]=pattern.exec(text??"")??[];if(!(!traceId||!spanId||!flags))return{traceId,spanId,isSampled:(Number.parseInt(flags,16)&1)===1}}function formatTraceparent({traceId,spanId,isSampled}){return`00-${traceId}-${spanId}-${isSampled?"01":"00"}`}function childOf(parent){return{traceId:parent?.traceId??randomBytes(16).toString("hex"),spanId:randomBytes(8).toString("hex"),isSampled:parent?.isSampled??!0}}export{parseTraceparent,formatTraceparent,childOf};
//# sourceMappingURL=chunk-4OPMVFZZ.mjs.map
