import { createRequire as __createRequire } from 'node:module';
const require = __createRequire(import.meta.url);
const __filename = import.meta.filename, __dirname = import.meta.dirname;
var queueName="customer-changes",poisonQueueName=`${queueName}-poison`;export{queueName,poisonQueueName};
//# sourceMappingURL=chunk-AGMLNT5U.mjs.map
