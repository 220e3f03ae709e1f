import { createRequire as __createRequire } from 'node:module';
const require = __createRequire(import.meta.url);
const __filename = import.meta.filename, __dirname = import.meta.dirname;
import{a as e}from"./chunk-LZREZO4S.mjs";import{c as t}from"./chunk-IDPBDASY.mjs";function s(o,i){let r=o.safeParse(i);if(r.success)return r.data;throw a(e(r.error))}function a(o){return new t("invalid",{detail:"Correct what is listed under violations.",violations:o})}export{s as a,a as b};
//# sourceMappingURL=chunk-DQX2RMMH.mjs.map
