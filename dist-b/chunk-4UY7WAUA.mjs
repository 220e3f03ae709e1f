import { createRequire as __createRequire } from 'node:module';
const require = __createRequire(import.meta.url);
const __filename = import.meta.filename, __dirname = import.meta.dirname;
import{d as o}from"./chunk-TPGCJVUN.mjs";import"./chunk-5ANP5VE3.mjs";import{g as t}from"./chunk-LZREZO4S.mjs";import"./chunk-NN2FRQPO.mjs";import"./chunk-UPHQUTJ2.mjs";import"./chunk-EDLNDMOF.mjs";import"./chunk-SNETCFAM.mjs";import"./chunk-ZHAXBXPG.mjs";import"./chunk-YWHB4XGI.mjs";import"./chunk-IDPBDASY.mjs";import"./chunk-BSA4BLI4.mjs";import"./chunk-BOZ65JDA.mjs";import"./chunk-TR43SUE5.mjs";import"./chunk-5CFA7RI3.mjs";import"./chunk-NSRTT5N3.mjs";import"./chunk-34D3ROUJ.mjs";import"./chunk-DUWFRDNX.mjs";import"./chunk-OUQSJF5K.mjs";async function r(a){a.log(`health: ${JSON.stringify(await o(await t()))}`)}export{r as reportHealth};
//# sourceMappingURL=chunk-4UY7WAUA.mjs.map
