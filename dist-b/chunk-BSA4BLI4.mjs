import { createRequire as __createRequire } from 'node:module';
const require = __createRequire(import.meta.url);
const __filename = import.meta.filename, __dirname = import.meta.dirname;
var o="AzureWebJobsStorage";function t(e){return!!(e[o]||e[`${o}__accountName`]||e[`${o}__tableServiceUri`]&&e[`${o}__queueServiceUri`])}function n(e,r){return e[`${o}__${r}ServiceUri`]?.replace(/\/+$/,"")??`https://${e[`${o}__accountName`]}.${r}.core.windows.net`}export{o as a,t as b,n as c};
//# sourceMappingURL=chunk-BSA4BLI4.mjs.map
