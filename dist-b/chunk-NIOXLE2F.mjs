import { createRequire as __createRequire } from 'node:module';
const require = __createRequire(import.meta.url);
const __filename = import.meta.filename, __dirname = import.meta.dirname;
var e="customer-changes",o=`${e}-poison`;export{e as a,o as b};
//# sourceMappingURL=chunk-NIOXLE2F.mjs.map
