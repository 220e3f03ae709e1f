import { createRequire as __createRequire } from 'node:module';
const require = __createRequire(import.meta.url);
const __filename = import.meta.filename, __dirname = import.meta.dirname;
var SecretMissing=class extends Error{code="secret-missing"},SecretStoreUnavailable=class extends Error{code="secret-store-unavailable"};var MalformedDelivery=class extends Error{code="malformed-delivery"};export{SecretMissing,SecretStoreUnavailable,MalformedDelivery};
//# sourceMappingURL=chunk-JVTIF6OI.mjs.map
