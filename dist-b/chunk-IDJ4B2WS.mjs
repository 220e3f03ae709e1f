import { createRequire as __createRequire } from 'node:module';
const require = __createRequire(import.meta.url);
const __filename = import.meta.filename, __dirname = import.meta.dirname;
function o(n){let e;return{async getToken(t,r){return e??=i(n),(await e).getToken(t,r)}}}async function i(n){if(process.env.IDENTITY_ENDPOINT){let{managedIdentity:t}=await import("./chunk-7PZOPUN5.mjs");return t(n)}let{developerSignIn:e}=await import("./chunk-N7FQ35SZ.mjs");return e()}export{o as a};
//# sourceMappingURL=chunk-IDJ4B2WS.mjs.map
