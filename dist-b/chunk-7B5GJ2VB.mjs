import { createRequire as __createRequire } from 'node:module';
const require = __createRequire(import.meta.url);
const __filename = import.meta.filename, __dirname = import.meta.dirname;
import{jsonOrUndefined}from"./chunk-B2JHXQII.mjs";import{strictObject,string}from"./chunk-6SBMDQKO.mjs";var key=string().regex(/^[!-~]{0,1500}$/),tokenSchema=strictObject({nextPartitionKey:key,nextRowKey:key.optional()});function isContinuationToken(text){return tokenSchema.safeParse(jsonOrUndefined(Buffer.from(text,"base64").toString("utf8"))).success}export{isContinuationToken};
//# sourceMappingURL=chunk-7B5GJ2VB.mjs.map
