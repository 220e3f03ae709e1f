import { createRequire as __createRequire } from 'node:module';
const require = __createRequire(import.meta.url);
const __filename = import.meta.filename, __dirname = import.meta.dirname;
import{K as a}from"./chunk-JA6SFAIO.mjs";import"./chunk-LJ7KZE3H.mjs";import"./chunk-2PSZAWLM.mjs";import"./chunk-6LNPTMHB.mjs";import"./chunk-KZ4OXJRV.mjs";import"./chunk-36AX3DJ7.mjs";import"./chunk-HLPMNMQZ.mjs";import"./chunk-H4KM47XP.mjs";import"./chunk-CCITQ3X2.mjs";import"./chunk-OUQSJF5K.mjs";export{a as HttpSender};
//# sourceMappingURL=chunk-JSLVFBAZ.mjs.map
