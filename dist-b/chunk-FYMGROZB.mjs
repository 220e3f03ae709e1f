import { createRequire as __createRequire } from 'node:module';
const require = __createRequire(import.meta.url);
const __filename = import.meta.filename, __dirname = import.meta.dirname;
var marked=/[\u{100000}-\u{10ffff}]/u,allMarked=/[\u{100000}-\u{10ffff}]+/gu;function unusable(reason){return String.fromCodePoint(...Array.from(reason,letter=>1048576+(letter.codePointAt(0)??0)))}function unusableReason(text){if(!marked.test(text))return;let[first=""]=text.match(allMarked)??[];return String.fromCodePoint(...Array.from(first,letter=>(letter.codePointAt(0)??1048576)-1048576))}export{unusable,unusableReason};
//# sourceMappingURL=chunk-FYMGROZB.mjs.map
