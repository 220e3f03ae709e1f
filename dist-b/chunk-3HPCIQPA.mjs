import { createRequire as __createRequire } from 'node:module';
const require = __createRequire(import.meta.url);
const __filename = import.meta.filename, __dirname = import.meta.dirname;
function readKept(kind,request,options){let{id,topic,content}=kind.read(request,options);return{id,...topic!==void 0&&{topic:topic.slice(0,200)},content:"reason"in content?{...content,reason:bounded(content.reason)}:withBoundedItems(content)}}function withBoundedItems(content){return content.type!=="items"?content:{type:"items",items:content.items.map(item=>"forAPerson"in item?{forAPerson:bounded(item.forAPerson)}:item)}}var bounded=reason=>reason.length>500?`${reason.slice(0,499)}\u2026`:reason;export{readKept};
//# sourceMappingURL=chunk-3HPCIQPA.mjs.map
