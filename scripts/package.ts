/**
 * npm run package: makes dist/customer-relay.zip, which Azure runs as it is (the bundle, host.json, a minimal
 * package.json, the mappings and the relay.json that RELAY_CONFIG names), and dist/sbom.json, which lists the packages in
 * the bundle (CycloneDX). The same files give the same bytes.
 */
import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { zipSync } from 'fflate';
import { Unusable } from '../cli/errors.ts';
import { useLocalSettings } from '../cli/local-settings.ts';
import { readArguments, runProgram } from '../cli/program.ts';
import { filesOfPackage } from './package/files.ts';
import { sbom } from './package/sbom.ts';

const usage = `usage: npm run package
  makes dist/customer-relay.zip of the app and the relay.json that RELAY_CONFIG names, and dist/sbom.json`;
const zipFile = 'dist/customer-relay.zip';
const sbomFile = 'dist/sbom.json';
/** The first day that a zip can name, local time as zips have it. */
const mtime = new Date(1980, 0, 1);

await runProgram(usage, async (args) => {
  readArguments(args, {});
  await useLocalSettings();
  build();
  const { files, relayConfig } = await filesOfPackage('.', process.env.RELAY_CONFIG || 'relay.json');
  await writeFile(zipFile, zipSync({ ...files }, { mtime, level: 9 }));
  await writeFile(sbomFile, await sbom('.'));
  console.log([...Object.keys(files), '', `in ${zipFile}; its packages in ${sbomFile}`].join('\n'));
  if (relayConfig)
    console.log(`It needs the app setting RELAY_CONFIG: azd env set RELAY_CONFIG ${relayConfig}`);
});

function build(): void {
  try {
    execFileSync(process.execPath, [join(import.meta.dirname, 'build.ts')], {
      stdio: 'pipe',
      encoding: 'utf8',
    });
  } catch (error) {
    const { stderr } = error as { stderr?: string }; // what execFileSync throws when a program fails
    throw new Unusable(`The bundle cannot be built:\n${stderr ?? String(error)}`);
  }
}
