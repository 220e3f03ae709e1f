import { createRequire as __createRequire } from 'node:module';
const require = __createRequire(import.meta.url);
const __filename = import.meta.filename, __dirname = import.meta.dirname;
import{b as s,c as i}from"./chunk-TDJMEHKL.mjs";import"./chunk-N3JEV5RP.mjs";import"./chunk-34D3ROUJ.mjs";import"./chunk-DUWFRDNX.mjs";import"./chunk-OUQSJF5K.mjs";import{parentPort as m}from"node:worker_threads";var r=new Map;m?.on("message",e=>{l(e)});async function l({id:e,mapping:o,payload:n}){let a=o?{mapping:o,compiled:d(o)}:r.get(e);if(!a)throw new Error("a mapping comes with its first evaluation");r.set(e,a);let{file:c,expression:u}=a.mapping;try{let t=await a.compiled.evaluate(n===void 0?void 0:JSON.parse(n));p({output:t})}catch(t){p({message:i(c,u,t)})}}var d=({file:e,expression:o,regionWhereNone:n})=>s(e,o,n),p=e=>m?.postMessage(e);
//# sourceMappingURL=mapping-worker.mjs.map
