/**
 * `node scripts/unpack-package.ts`: unpacks dist/customer-relay.zip to dist/package, from where azd deploys it. azd takes
 * a folder only, and no folder whose .funcignore leaves out node_modules without a build in Azure.
 * https://github.com/Azure/azure-dev/pull/7223
 */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { unzipSync } from 'fflate';

const folder = 'dist/package';

await rm(folder, { recursive: true, force: true });
const files = Object.entries(unzipSync(new Uint8Array(await readFile('dist/customer-relay.zip'))));
for (const [path, content] of files) {
  const target = join(folder, path);
  await mkdir(dirname(target), { recursive: true });
  await writeFile(target, content);
}
console.log(`${files.length} files in ${folder}`);
