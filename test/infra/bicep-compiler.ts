import { execFile, execFileSync } from 'node:child_process';
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import * as z from 'zod';

const predictionSchema = z.object({
  predictedResources: z.array(z.looseObject({ type: z.string() })),
  diagnostics: z.array(z.unknown()).optional(),
});
type Prediction = z.infer<typeof predictionSchema>;

/**
 * The command of a Bicep compiler: what BICEP names, what .ci/bicep/install brought, `bicep` on the PATH, or what
 * `az bicep install` brought. Undefined: none of them runs.
 */
export function findCompiler(): string | undefined {
  const installed = join(homedir(), '.azure', 'bin', process.platform === 'win32' ? 'bicep.exe' : 'bicep');
  const fetched = resolve('node_modules/.cache/bicep/bicep');
  return [process.env.BICEP, fetched, 'bicep', installed].find((command) => command && runs(command));
}

function runs(command: string): boolean {
  try {
    return execFileSync(command, ['--version'], { encoding: 'utf8', stdio: 'pipe' }).startsWith('Bicep CLI');
  } catch {
    return false;
  }
}

/** Everything that the compiler has to say about a file, in order. Empty: nothing. */
export async function findingsOf(
  compiler: string,
  command: 'build' | 'lint',
  file: string,
): Promise<string[]> {
  const args = command === 'build' ? ['build', file, '--stdout'] : ['lint', file];
  const { stderr } = await promisify(execFile)(compiler, args, { maxBuffer: 64 * 1024 * 1024 }).catch(
    // What execFile rejects with when a program fails.
    (error: unknown) => error as { stderr: string },
  );
  return stderr.split('\n').filter((line) => line.trim() !== '');
}

/**
 * The resources that a parameter file of `test/infra/snapshots/` would create, as the compiler foresees them without
 * Azure. Long texts (queries, the workbook) are left out: other tests are about them.
 */
export async function predictedResources(compiler: string, parameterFile: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'bicep-'));
  try {
    for (const path of ['infra', 'relay.json', 'test/infra/snapshots'])
      await cp(path, join(folder, path), { recursive: true });
    const file = join(folder, 'test/infra/snapshots', parameterFile);
    const azure = [
      ['--subscription-id', '11111111-1111-1111-1111-111111111111'],
      ['--tenant-id', '22222222-2222-2222-2222-222222222222'],
      ['--location', 'westeurope'],
    ].flat();
    await promisify(execFile)(compiler, ['snapshot', file, '--mode', 'overwrite', ...azure]);
    const prediction = predictionSchema.parse(
      JSON.parse(await readFile(file.replace('.bicepparam', '.snapshot.json'), 'utf8')),
    );
    return withoutLongTexts(prediction);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function withoutLongTexts(prediction: Prediction): string {
  const shorten = (_: string, value: unknown) =>
    typeof value === 'string' && value.length > 250 ? '…' : value;
  return `${JSON.stringify(prediction, shorten, 2)}\n`;
}
