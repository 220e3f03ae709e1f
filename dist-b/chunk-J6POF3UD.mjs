import { createRequire as __createRequire } from 'node:module';
const require = __createRequire(import.meta.url);
const __filename = import.meta.filename, __dirname = import.meta.dirname;
function createTurns(){let last=new Map;return async(key,work)=>{let mine=(last.get(key)??Promise.resolve()).then(work,work);last.set(key,mine);try{return await mine}finally{last.get(key)===mine&&last.delete(key)}}}export{createTurns};
//# sourceMappingURL=chunk-J6POF3UD.mjs.map
