import { createRequire as __createRequire } from 'node:module';
const require = __createRequire(import.meta.url);
const __filename = import.meta.filename, __dirname = import.meta.dirname;
function o(){let e=new Map;return async(t,r)=>{let n=(e.get(t)??Promise.resolve()).then(r,r);e.set(t,n);try{return await n}finally{e.get(t)===n&&e.delete(t)}}}export{o as a};
//# sourceMappingURL=chunk-U6GELAFF.mjs.map
