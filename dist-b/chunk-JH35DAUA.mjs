import { createRequire as __createRequire } from 'node:module';
const require = __createRequire(import.meta.url);
const __filename = import.meta.filename, __dirname = import.meta.dirname;
import{esm_exports,init_esm}from"./chunk-YM47F4FK.mjs";import{__commonJS,__require,__toCommonJS}from"./chunk-ASG2CD7E.mjs";var require_getMachineId_linux=__commonJS({"node_modules/@opentelemetry/resources/build/src/detectors/platform/node/machine-id/getMachineId-linux.js"(exports){Object.defineProperty(exports,"__esModule",{value:!0});exports.getMachineId=void 0;var fs_1=__require("fs"),api_1=(init_esm(),__toCommonJS(esm_exports));async function getMachineId(){let paths=["/etc/machine-id","/var/lib/dbus/machine-id"];for(let path of paths)try{return(await fs_1.promises.readFile(path,{encoding:"utf8"})).trim()}catch(e){api_1.diag.debug(`error reading machine id: ${e}`)}}exports.getMachineId=getMachineId}});export default require_getMachineId_linux();
//# sourceMappingURL=chunk-JH35DAUA.mjs.map
