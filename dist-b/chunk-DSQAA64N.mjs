import { createRequire as __createRequire } from 'node:module';
const require = __createRequire(import.meta.url);
const __filename = import.meta.filename, __dirname = import.meta.dirname;
import{signingKey}from"./chunk-B2JHXQII.mjs";async function readSourceSecrets({kind,options,secretNames},secrets,how="get"){let form=kind.secretForm?.(options)??"text",results=await Promise.allSettled(secretNames.map(name=>secrets[how](name))),failure=results.find(result=>result.status==="rejected");if(failure&&results.every(({status})=>status==="rejected"))throw failure.reason;let keys=[],unusable=new Map;for(let[index,result]of results.entries()){if(result.status==="rejected")continue;let key=signingKey(result.value,form);"unusable"in key?unusable.set(secretNames[index]??"",key.unusable):keys.push(key)}return{keys,unusable}}export{readSourceSecrets};
//# sourceMappingURL=chunk-DSQAA64N.mjs.map
