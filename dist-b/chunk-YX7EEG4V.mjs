import { createRequire as __createRequire } from 'node:module';
const require = __createRequire(import.meta.url);
const __filename = import.meta.filename, __dirname = import.meta.dirname;
var emailAddress=/[^\s@<>()[\]",;:]{1,64}@[^\s@<>()[\]",;:]{1,255}/g;function withoutEmailAddresses(text){return text.replace(emailAddress,"[e-mail address]")}export{withoutEmailAddresses};
//# sourceMappingURL=chunk-YX7EEG4V.mjs.map
