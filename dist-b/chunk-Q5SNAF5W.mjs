import { createRequire as __createRequire } from 'node:module';
const require = __createRequire(import.meta.url);
const __filename = import.meta.filename, __dirname = import.meta.dirname;
import{a as d}from"./chunk-ABWEKJZC.mjs";import{i as s,j as u}from"./chunk-H4KM47XP.mjs";import{a as i,c as n,f as c}from"./chunk-OUQSJF5K.mjs";var l=n(t=>{Object.defineProperty(t,"__esModule",{value:!0});t.getMachineId=void 0;var a=i("fs"),o=d(),r=(u(),c(s)),g=5e3;async function h(){try{return(await a.promises.readFile("/etc/hostid",{encoding:"utf8"})).trim()}catch(e){r.diag.debug(`error reading machine id: ${e}`)}try{return(await(0,o.execFileAsync)("/bin/kenv",["-q","smbios.system.uuid"],{timeout:g})).stdout.trim()}catch(e){r.diag.debug(`error reading machine id: ${e}`)}}t.getMachineId=h});export default l();
//# sourceMappingURL=chunk-Q5SNAF5W.mjs.map
