import { createRequire as __createRequire } from 'node:module';
const require = __createRequire(import.meta.url);
const __filename = import.meta.filename, __dirname = import.meta.dirname;
var e=/[^\s@<>()[\]",;:]{1,64}@[^\s@<>()[\]",;:]{1,255}/g;function r(s){return s.replace(e,"[e-mail address]")}export{r as a};
//# sourceMappingURL=chunk-3RQ56H3O.mjs.map
