import { createRequire as __createRequire } from 'node:module';
const require = __createRequire(import.meta.url);
const __filename = import.meta.filename, __dirname = import.meta.dirname;
import{AzureMonitorStatsbeatExporter}from"./chunk-OSNEOP37.mjs";import"./chunk-ZQHVYWL4.mjs";import"./chunk-J3WMO7TO.mjs";import"./chunk-ULXCWGBK.mjs";import"./chunk-KEK6SAIN.mjs";import"./chunk-CN5LT56H.mjs";import"./chunk-KIEFG4BZ.mjs";import"./chunk-YM47F4FK.mjs";import"./chunk-KI6ER247.mjs";import"./chunk-ASG2CD7E.mjs";export{AzureMonitorStatsbeatExporter};
//# sourceMappingURL=chunk-VMRRRC7R.mjs.map
