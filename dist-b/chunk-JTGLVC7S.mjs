import { createRequire as __createRequire } from 'node:module';
const require = __createRequire(import.meta.url);
const __filename = import.meta.filename, __dirname = import.meta.dirname;
import{f as n}from"./chunk-LZREZO4S.mjs";import{G as e,n as t}from"./chunk-DUWFRDNX.mjs";var o=t().regex(/^[!-~]{0,1500}$/),i=e({nextPartitionKey:o,nextRowKey:o.optional()});function f(r){return i.safeParse(n(Buffer.from(r,"base64").toString("utf8"))).success}export{f as a};
//# sourceMappingURL=chunk-JTGLVC7S.mjs.map
