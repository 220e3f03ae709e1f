import { createRequire as __createRequire } from 'node:module';
const require = __createRequire(import.meta.url);
const __filename = import.meta.filename, __dirname = import.meta.dirname;
import{a as o}from"./chunk-ABWEKJZC.mjs";import{i as d,j as u}from"./chunk-H4KM47XP.mjs";import{c,f as s}from"./chunk-OUQSJF5K.mjs";var I=c(e=>{Object.defineProperty(e,"__esModule",{value:!0});e.getMachineId=void 0;var a=o(),l=(u(),s(d)),f=5e3;async function g(){try{let i=(await(0,a.execFileAsync)("/usr/sbin/ioreg",["-rd1","-c","IOPlatformExpertDevice"],{timeout:f})).stdout.split(`
`).find(r=>r.includes("IOPlatformUUID"));if(!i)return;let n=i.split('" = "');if(n.length===2)return n[1].slice(0,-1)}catch(t){l.diag.debug(`error reading machine id: ${t}`)}}e.getMachineId=g});export default I();
//# sourceMappingURL=chunk-GVQ2OQ7C.mjs.map
