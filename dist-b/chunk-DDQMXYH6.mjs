import { createRequire as __createRequire } from 'node:module';
const require = __createRequire(import.meta.url);
const __filename = import.meta.filename, __dirname = import.meta.dirname;
import{i as t,j as i}from"./chunk-H4KM47XP.mjs";import{c as d,f as n}from"./chunk-OUQSJF5K.mjs";var a=d(e=>{Object.defineProperty(e,"__esModule",{value:!0});e.getMachineId=void 0;var u=(i(),n(t));async function r(){u.diag.debug("could not read machine-id: unsupported platform")}e.getMachineId=r});export default a();
//# sourceMappingURL=chunk-DDQMXYH6.mjs.map
