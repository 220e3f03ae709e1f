import { createRequire as __createRequire } from 'node:module';
const require = __createRequire(import.meta.url);
const __filename = import.meta.filename, __dirname = import.meta.dirname;
var storageConnection="AzureWebJobsStorage";function namesStorage(env){return!!(env[storageConnection]||env[`${storageConnection}__accountName`]||env[`${storageConnection}__tableServiceUri`]&&env[`${storageConnection}__queueServiceUri`])}function serviceAddress(env,service){return env[`${storageConnection}__${service}ServiceUri`]?.replace(/\/+$/,"")??`https://${env[`${storageConnection}__accountName`]}.${service}.core.windows.net`}export{storageConnection,namesStorage,serviceAddress};
//# sourceMappingURL=chunk-Z4LW3SC3.mjs.map
