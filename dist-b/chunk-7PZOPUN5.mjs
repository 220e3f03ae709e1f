import { createRequire as __createRequire } from 'node:module';
const require = __createRequire(import.meta.url);
const __filename = import.meta.filename, __dirname = import.meta.dirname;
import{a as i}from"./chunk-OD62WHVL.mjs";import"./chunk-CCITQ3X2.mjs";import"./chunk-OUQSJF5K.mjs";function p(e){let a=new i(e?{managedIdentityIdParams:{userAssignedClientId:e}}:{});return{async getToken(o,{claims:t}={}){let[s=""]=[o].flat(),{accessToken:d,expiresOn:n,refreshOn:r}=await a.acquireToken({resource:s,...t&&{claims:t}});if(!n)throw new Error("the managed identity gave a token without an expiry");return{token:d,expiresOnTimestamp:n.getTime(),...r&&{refreshAfterTimestamp:r.getTime()}}}}}export{p as managedIdentity};
//# sourceMappingURL=chunk-7PZOPUN5.mjs.map
