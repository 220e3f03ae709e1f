import { createRequire as __createRequire } from 'node:module';
const require = __createRequire(import.meta.url);
const __filename = import.meta.filename, __dirname = import.meta.dirname;
import{require_execAsync}from"./chunk-5FLM26WZ.mjs";import{esm_exports,init_esm}from"./chunk-YM47F4FK.mjs";import{__commonJS,__toCommonJS}from"./chunk-ASG2CD7E.mjs";var require_getMachineId_darwin=__commonJS({"node_modules/@opentelemetry/otlp-transformer/node_modules/@opentelemetry/resources/build/src/detectors/platform/node/machine-id/getMachineId-darwin.js"(exports){Object.defineProperty(exports,"__esModule",{value:!0});exports.getMachineId=void 0;var execAsync_1=require_execAsync(),api_1=(init_esm(),__toCommonJS(esm_exports));async function getMachineId(){try{let idLine=(await(0,execAsync_1.execAsync)('ioreg -rd1 -c "IOPlatformExpertDevice"')).stdout.split(`
`).find(line=>line.includes("IOPlatformUUID"));if(!idLine)return;let parts=idLine.split('" = "');if(parts.length===2)return parts[1].slice(0,-1)}catch(e){api_1.diag.debug(`error reading machine id: ${e}`)}}exports.getMachineId=getMachineId}});export default require_getMachineId_darwin();
//# sourceMappingURL=chunk-RSJODIY4.mjs.map
