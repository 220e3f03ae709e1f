import { createRequire as __createRequire } from 'node:module';
const require = __createRequire(import.meta.url);
const __filename = import.meta.filename, __dirname = import.meta.dirname;
var e=/[\u{100000}-\u{10ffff}]/u,o=/[\u{100000}-\u{10ffff}]+/gu;function f(n){return String.fromCodePoint(...Array.from(n,r=>1048576+(r.codePointAt(0)??0)))}function u(n){if(!e.test(n))return;let[r=""]=n.match(o)??[];return String.fromCodePoint(...Array.from(r,t=>(t.codePointAt(0)??1048576)-1048576))}export{f as a,u as b};
//# sourceMappingURL=chunk-N3JEV5RP.mjs.map
