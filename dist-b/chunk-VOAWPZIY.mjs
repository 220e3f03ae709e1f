import { createRequire as __createRequire } from 'node:module';
const require = __createRequire(import.meta.url);
const __filename = import.meta.filename, __dirname = import.meta.dirname;
import{deliverTaken}from"./chunk-TAOEEITP.mjs";import"./chunk-IYJOJFUV.mjs";import"./chunk-KSQ73RFC.mjs";import"./chunk-3LWABOCI.mjs";import"./chunk-OBIT4GXT.mjs";import"./chunk-LZTTZE6R.mjs";import"./chunk-CVYOXRCC.mjs";import"./chunk-3HPCIQPA.mjs";import"./chunk-ZJPZBQP5.mjs";import"./chunk-WKVQLQHA.mjs";import"./chunk-XIMWPRJO.mjs";import"./chunk-OMNOVO5R.mjs";import"./chunk-KQWND735.mjs";import"./chunk-WHYHVWEJ.mjs";import"./chunk-WDM3IA7R.mjs";import"./chunk-N5VISXGF.mjs";import"./chunk-JVTIF6OI.mjs";import"./chunk-KJDMOMZZ.mjs";import"./chunk-4OPMVFZZ.mjs";import"./chunk-Y7KHKZOB.mjs";import"./chunk-FYMGROZB.mjs";import"./chunk-5AY4VKBW.mjs";import"./chunk-6SBMDQKO.mjs";import"./chunk-ASG2CD7E.mjs";export{deliverTaken};
//# sourceMappingURL=chunk-VOAWPZIY.mjs.map
