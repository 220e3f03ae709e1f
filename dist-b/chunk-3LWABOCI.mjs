import { createRequire as __createRequire } from 'node:module';
const require = __createRequire(import.meta.url);
const __filename = import.meta.filename, __dirname = import.meta.dirname;
var forgotten={follows:"done",status:"ignored",reason:"the customer was forgotten on request",told:{outcome:"forgotten"}},busy={follows:"hold",told:{outcome:"busy",reason:"customer-busy"},waitMs:1e3,standMs:250};function misconfigured(reason,told={}){return{follows:"hold",told:{...told,outcome:"misconfigured",reason},waitMs:misconfiguredWaitMs}}var misconfiguredWaitMs=15e3;export{forgotten,busy,misconfigured};
//# sourceMappingURL=chunk-3LWABOCI.mjs.map
