import { createRequire as __createRequire } from 'node:module';
const require = __createRequire(import.meta.url);
const __filename = import.meta.filename, __dirname = import.meta.dirname;
import{n as s}from"./chunk-DUWFRDNX.mjs";import{hash as c}from"node:crypto";function p(t,r){let[e="",n=""]=t.toISOString().replace(/[-:.Z]/g,"").split("T");return`${e}-${n}-${a(r)}`}function l(t,r){return c("sha256",`${t}
${r}`)}function a(t){return(t.split("-").at(-1)??"").slice(0,16)}var o=/^(\d{8})-(\d{9})-([0-9a-f]{16})$/,u=s().regex(o);function f(t){return o.test(t)}function $(t){let r=t.replace(/^(\d{4})(\d{2})(\d{2})-(\d{2})(\d{2})(\d{2})(\d{3})-.*$/,"$1-$2-$3T$4:$5:$6.$7Z");return new Date(r)}function x(t){return t.toISOString().slice(0,10).replaceAll("-","")}function y(t){let[,r="",e="",n=""]=o.exec(t)??[];return{partitionKey:i(`${r}${e.slice(0,2)}`),rowPrefix:`${i(e.slice(2))}-${n}`}}function I(t){return i(t.toISOString().slice(0,13).replace(/[-T]/g,""))}function i(t){return String(10**t.length-1-Number(t)).padStart(t.length,"0")}export{p as a,l as b,a as c,u as d,f as e,$ as f,x as g,y as h,I as i};
//# sourceMappingURL=chunk-ZHAXBXPG.mjs.map
