import { createRequire as __createRequire } from 'node:module';
const require = __createRequire(import.meta.url);
const __filename = import.meta.filename, __dirname = import.meta.dirname;
function createSharedWrite(groupsOf,write){let waiting=[],rounds=0,lastBegan=0;async function run(){for(rounds++;waiting.length>0;){let round=new Map(waiting.map(({item,written})=>[item,written]));waiting=[],lastBegan=performance.now(),await Promise.all(groupsOf([...round.keys()]).map(async group=>{try{await write(group);for(let item of group)round.get(item)?.resolve()}catch(error){for(let item of group)round.get(item)?.reject(error)}}))}rounds--}return item=>{let written=Promise.withResolvers();return waiting.push({item,written}),(rounds===0||performance.now()-lastBegan>200)&&run(),written.promise}}export{createSharedWrite};
//# sourceMappingURL=chunk-BVQDGI7W.mjs.map
