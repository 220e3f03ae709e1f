import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';

/** A running storage emulator. */
export interface Azurite {
  /** Holds the blob, queue and table endpoints. */
  readonly connectionString: string;
  /** Ends the emulator; resolves when its process is gone. */
  close(): Promise<void>;
}

const services = ['Blob', 'Queue', 'Table'] as const;
type Service = (typeof services)[number];

// The emulator's one account, published: https://learn.microsoft.com/azure/storage/common/storage-connect-azurite
const account = 'devstoreaccount1';
const accountKey = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';

const startTimeoutMs = 30_000;
const closeTimeoutMs = 5_000;

// The pipe from the parent ends however the parent ends, SIGKILL included. Unref: it must not keep the child alive.
const endWithParent = `data:text/javascript,process.stdin.on('end',()=>process.exit()).resume().unref()`;
const quickLookUps = new URL('azurite-lookups.ts', import.meta.url).href;
const entryPoint = createRequire(import.meta.url).resolve('azurite/dist/src/azurite.js');

/**
 * Starts Azurite's blob, queue and table services in one child process, each on a port that the system
 * chooses, and waits until all three listen. Keeps its data in `folder`, or in memory without one.
 * The child ends with this process, however this process ends. Throws with the child's output if it doesn't start.
 */
export async function startAzurite(options: { folder?: string } = {}): Promise<Azurite> {
  const folder = options.folder && resolve(options.folder);
  if (folder) await mkdir(folder, { recursive: true });
  // Port 0 leaves the choice to the system: no search for a free port, so no race for it.
  const ports = services.flatMap((service) => [`--${service.toLowerCase()}Port`, '0']);
  const storage = folder ? ['--location', folder] : ['--inMemoryPersistence'];
  const flags = ['--silent', '--disableTelemetry', '--skipApiVersionCheck'];
  const child = spawn(
    process.execPath,
    ['--import', endWithParent, '--import', quickLookUps, entryPoint, ...ports, ...storage, ...flags],
    {
      // In memory it writes nothing, but it makes sure that its working folder exists.
      cwd: folder ?? tmpdir(),
      stdio: 'pipe',
    },
  );
  try {
    return { connectionString: connectionString(await listening(child)), close: () => end(child) };
  } catch (error) {
    await end(child);
    throw error;
  }
}

/** Resolves with each service's URL once the child has printed all three. */
async function listening(child: ChildProcess): Promise<Map<Service, string>> {
  const { stdout, stderr } = child;
  if (!stdout || !stderr) throw new Error('Azurite was started without pipes');
  const output: string[] = [];
  stderr.on('data', (chunk) => output.push(String(chunk)));

  const urls = new Map<Service, string>();
  const timer = setTimeout(() => child.kill('SIGKILL'), startTimeoutMs);
  try {
    for await (const line of createInterface({ input: stdout })) {
      output.push(line);
      const announced = /Azurite (\w+) service is successfully listening at (http:\S+)/.exec(line);
      const service = services.find((name) => name === announced?.[1]);
      if (service && announced?.[2]) urls.set(service, announced[2]);
      if (urls.size === services.length) return urls;
    }
  } finally {
    clearTimeout(timer);
    // An unread pipe would fill up and stop the child.
    stdout.resume();
  }
  throw new Error(`Azurite did not start:\n${output.join('\n')}`);
}

function connectionString(urls: Map<Service, string>): string {
  const endpoints = [...urls].map(([service, url]) => `${service}Endpoint=${url}/${account};`);
  return `DefaultEndpointsProtocol=http;AccountName=${account};AccountKey=${accountKey};${endpoints.join('')}`;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  // Azurite waits for its keep-alive connections: give up on that after a while.
  const timer = setTimeout(() => child.kill('SIGKILL'), closeTimeoutMs);
  child.kill('SIGTERM');
  await exit;
  clearTimeout(timer);
}
