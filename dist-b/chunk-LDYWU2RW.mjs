import { createRequire as __createRequire } from 'node:module';
const require = __createRequire(import.meta.url);
const __filename = import.meta.filename, __dirname = import.meta.dirname;
var r={follows:"done",status:"ignored",reason:"the customer was forgotten on request",told:{outcome:"forgotten"}},n={follows:"hold",told:{outcome:"busy",reason:"customer-busy"},waitMs:1e3,standMs:250};function d(o,e={}){return{follows:"hold",told:{...e,outcome:"misconfigured",reason:o},waitMs:t}}var t=15e3;export{r as a,n as b,d as c};
//# sourceMappingURL=chunk-LDYWU2RW.mjs.map
