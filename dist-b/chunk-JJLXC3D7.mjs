import { createRequire as __createRequire } from 'node:module';
const require = __createRequire(import.meta.url);
const __filename = import.meta.filename, __dirname = import.meta.dirname;
import{isLoopback}from"./chunk-B2JHXQII.mjs";function publicOrigin(request,publicUrl){let{WEBSITE_HOSTNAME}=process.env,ownUrl=WEBSITE_HOSTNAME&&new URL(`https://${WEBSITE_HOSTNAME}`),isInAzure=ownUrl&&!isLoopback(ownUrl);return new URL(publicUrl??(isInAzure?ownUrl:request.url)).origin}function webhookRequest(request,body,publicUrl){let{pathname,search}=new URL(request.url),url=new URL(`${pathname}${search}`,publicOrigin(request,publicUrl));return{method:request.method,url,headers:new Headers([...request.headers]),body}}export{publicOrigin,webhookRequest};
//# sourceMappingURL=chunk-JJLXC3D7.mjs.map
