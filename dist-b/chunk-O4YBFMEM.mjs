import { createRequire as __createRequire } from 'node:module';
const require = __createRequire(import.meta.url);
const __filename = import.meta.filename, __dirname = import.meta.dirname;
import{b as a}from"./chunk-LJLLEONK.mjs";import"./chunk-HWH3PNKA.mjs";import"./chunk-SZTGZCUD.mjs";import"./chunk-LDYWU2RW.mjs";import"./chunk-24DAM7E7.mjs";import"./chunk-G2QE45DU.mjs";import"./chunk-R2FAJ6T3.mjs";import"./chunk-PAI7EKWP.mjs";import"./chunk-EZOJBKXC.mjs";import"./chunk-6OC54IAY.mjs";import"./chunk-PQNRKF36.mjs";import"./chunk-SNETCFAM.mjs";import"./chunk-ZHAXBXPG.mjs";import"./chunk-FB2HLM5V.mjs";import"./chunk-DPIHYL3B.mjs";import"./chunk-YWHB4XGI.mjs";import"./chunk-BOZ65JDA.mjs";import"./chunk-TR43SUE5.mjs";import"./chunk-5CFA7RI3.mjs";import"./chunk-NSRTT5N3.mjs";import"./chunk-N3JEV5RP.mjs";import"./chunk-34D3ROUJ.mjs";import"./chunk-DUWFRDNX.mjs";import"./chunk-OUQSJF5K.mjs";export{a as deliverTaken};
//# sourceMappingURL=chunk-O4YBFMEM.mjs.map
