import { createRequire as __createRequire } from 'node:module';
const require = __createRequire(import.meta.url);
const __filename = import.meta.filename, __dirname = import.meta.dirname;
function azureCredential(clientId){let opened;return{async getToken(scopes,options){return opened??=open(clientId),(await opened).getToken(scopes,options)}}}async function open(clientId){if(process.env.IDENTITY_ENDPOINT){let{managedIdentity}=await import("./chunk-MFRMCCYE.mjs");return managedIdentity(clientId)}let{developerSignIn}=await import("./chunk-LZ2IMVGB.mjs");return developerSignIn()}export{azureCredential};
//# sourceMappingURL=chunk-JN73YAHL.mjs.map
