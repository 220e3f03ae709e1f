import { createRequire as __createRequire } from 'node:module';
const require = __createRequire(import.meta.url);
const __filename = import.meta.filename, __dirname = import.meta.dirname;
import{b as s}from"./chunk-LZREZO4S.mjs";function u(e,o){let{WEBSITE_HOSTNAME:n}=process.env,t=n&&new URL(`https://${n}`),r=t&&!s(t);return new URL(o??(r?t:e.url)).origin}function c(e,o,n){let{pathname:t,search:r}=new URL(e.url),i=new URL(`${t}${r}`,u(e,n));return{method:e.method,url:i,headers:new Headers([...e.headers]),body:o}}export{u as a,c as b};
//# sourceMappingURL=chunk-VJ2DBT7K.mjs.map
