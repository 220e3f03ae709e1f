/**
 * npm run package: makes dist/customer-relay.zip, which Azure runs as it is (the bundle, host.json, a minimal
 * package.json, the mappings and relay.json), and dist/sbom.json, which lists the packages in the bundle (CycloneDX).
 * The same files give the same bytes.
 */
import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { zipSync } from 'fflate';
import { filesOfPackage, PackageError } from './package/files.ts';
import { sbom } from './package/sbom.ts';

const zipFile = 'dist/customer-relay.zip';
const sbomFile = 'dist/sbom.json';
/** The first day that a zip can name, local time as zips have it. */
const mtime = new Date(1980, 0, 1);

execFileSync(process.execPath, [join(import.meta.dirname, 'build.ts')], { stdio: 'pipe' });
try {
  const files = await filesOfPackage('.');
  await writeFile(zipFile, zipSync(files, { mtime, level: 9 }));
  await writeFile(sbomFile, await sbom('.'));
  console.log([...Object.keys(files), '', `in ${zipFile}; its packages in ${sbomFile}`].join('\n'));
} catch (error) {
  if (!(error instanceof PackageError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
