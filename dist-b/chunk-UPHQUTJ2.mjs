import { createRequire as __createRequire } from 'node:module';
const require = __createRequire(import.meta.url);
const __filename = import.meta.filename, __dirname = import.meta.dirname;
function l(s,a){let r=[],i=0,n=0;async function m(){for(i++;r.length>0;){let t=new Map(r.map(({item:e,written:o})=>[e,o]));r=[],n=performance.now(),await Promise.all(s([...t.keys()]).map(async e=>{try{await a(e);for(let o of e)t.get(o)?.resolve()}catch(o){for(let d of e)t.get(d)?.reject(o)}}))}i--}return t=>{let e=Promise.withResolvers();return r.push({item:t,written:e}),(i===0||performance.now()-n>200)&&m(),e.promise}}export{l as a};
//# sourceMappingURL=chunk-UPHQUTJ2.mjs.map
