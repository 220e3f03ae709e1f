import { createRequire as __createRequire } from 'node:module';
const require = __createRequire(import.meta.url);
const __filename = import.meta.filename, __dirname = import.meta.dirname;
import{a as c,c as r}from"./chunk-OUQSJF5K.mjs";var o=r(e=>{"use strict";Object.defineProperty(e,"__esModule",{value:!0});e.execFileAsync=e.execAsync=void 0;var i=c("child_process"),s=c("util");e.execAsync=s.promisify(i.exec);e.execFileAsync=s.promisify(i.execFile)});export{o as a};
//# sourceMappingURL=chunk-ABWEKJZC.mjs.map
