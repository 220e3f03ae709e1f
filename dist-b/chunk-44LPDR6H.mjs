import { createRequire as __createRequire } from 'node:module';
const require = __createRequire(import.meta.url);
const __filename = import.meta.filename, __dirname = import.meta.dirname;
import{esm_exports,init_esm}from"./chunk-YM47F4FK.mjs";import{__commonJS,__toCommonJS}from"./chunk-ASG2CD7E.mjs";var require_getMachineId_unsupported=__commonJS({"node_modules/@opentelemetry/otlp-transformer/node_modules/@opentelemetry/resources/build/src/detectors/platform/node/machine-id/getMachineId-unsupported.js"(exports){Object.defineProperty(exports,"__esModule",{value:!0});exports.getMachineId=void 0;var api_1=(init_esm(),__toCommonJS(esm_exports));async function getMachineId(){api_1.diag.debug("could not read machine-id: unsupported platform")}exports.getMachineId=getMachineId}});export default require_getMachineId_unsupported();
//# sourceMappingURL=chunk-44LPDR6H.mjs.map
