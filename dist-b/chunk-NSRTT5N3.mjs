import { createRequire as __createRequire } from 'node:module';
const require = __createRequire(import.meta.url);
const __filename = import.meta.filename, __dirname = import.meta.dirname;
function e(n){if(!(typeof n!="object"||n===null||!("statusCode"in n)))return typeof n.statusCode=="number"?n.statusCode:void 0}function i(n){let t=e(n)??0;return r(n)&&t>=400&&t<500&&!u.has(t)}var u=new Set([401,403,404,408,409,412,429]);function r(n){return n instanceof Error&&n.name==="RestError"}var a=n=>e(n)===409,c=n=>e(n)===412,l=n=>e(n)===404;async function f(n,t,s){try{return await s()}catch(o){if(n(o))return t;throw o}}export{e as a,i as b,r as c,a as d,c as e,l as f,f as g};
//# sourceMappingURL=chunk-NSRTT5N3.mjs.map
