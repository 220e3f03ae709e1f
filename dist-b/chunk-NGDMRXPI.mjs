import { createRequire as __createRequire } from 'node:module';
const require = __createRequire(import.meta.url);
const __filename = import.meta.filename, __dirname = import.meta.dirname;
import{violationsOf}from"./chunk-B2JHXQII.mjs";import{ProblemError}from"./chunk-5CXJQCN6.mjs";function validated(schema,input){let parsed=schema.safeParse(input);if(parsed.success)return parsed.data;throw invalid(violationsOf(parsed.error))}function invalid(violations){return new ProblemError("invalid",{detail:"Correct what is listed under violations.",violations})}export{validated,invalid};
//# sourceMappingURL=chunk-NGDMRXPI.mjs.map
