import { createRequire as __createRequire } from 'node:module';
const require = __createRequire(import.meta.url);
const __filename = import.meta.filename, __dirname = import.meta.dirname;
import{__commonJS,__require}from"./chunk-ASG2CD7E.mjs";var require_execAsync=__commonJS({"node_modules/@opentelemetry/otlp-transformer/node_modules/@opentelemetry/resources/build/src/detectors/platform/node/machine-id/execAsync.js"(exports){"use strict";Object.defineProperty(exports,"__esModule",{value:!0});exports.execAsync=void 0;var child_process=__require("child_process"),util=__require("util");exports.execAsync=util.promisify(child_process.exec)}});export{require_execAsync};
//# sourceMappingURL=chunk-5FLM26WZ.mjs.map
