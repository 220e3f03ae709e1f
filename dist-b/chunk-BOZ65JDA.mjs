import { createRequire as __createRequire } from 'node:module';
const require = __createRequire(import.meta.url);
const __filename = import.meta.filename, __dirname = import.meta.dirname;
var r=class extends Error{code="secret-missing"},o=class extends Error{code="secret-store-unavailable"};var t=class extends Error{code="malformed-delivery"};export{r as a,o as b,t as c};
//# sourceMappingURL=chunk-BOZ65JDA.mjs.map
