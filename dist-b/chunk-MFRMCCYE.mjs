import { createRequire as __createRequire } from 'node:module';
const require = __createRequire(import.meta.url);
const __filename = import.meta.filename, __dirname = import.meta.dirname;
import{ManagedIdentityApplication}from"./chunk-2YJQTM6P.mjs";import"./chunk-KI6ER247.mjs";import"./chunk-ASG2CD7E.mjs";function managedIdentity(clientId){let application=new ManagedIdentityApplication(clientId?{managedIdentityIdParams:{userAssignedClientId:clientId}}:{});return{async getToken(scopes,{claims}={}){let[resource=""]=[scopes].flat(),{accessToken,expiresOn,refreshOn}=await application.acquireToken({resource,...claims&&{claims}});if(!expiresOn)throw new Error("the managed identity gave a token without an expiry");return{token:accessToken,expiresOnTimestamp:expiresOn.getTime(),...refreshOn&&{refreshAfterTimestamp:refreshOn.getTime()}}}}}export{managedIdentity};
//# sourceMappingURL=chunk-MFRMCCYE.mjs.map
