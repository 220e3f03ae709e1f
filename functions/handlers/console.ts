import { hash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { HttpRequest, HttpResponseInit } from '@azure/functions';
import { appFolder } from '../../src/app-folder.ts';
import { acceptsGzip } from '../../src/http/accept-encoding.ts';
import { isKnown } from '../../src/http/if-none-match.ts';
import { relayState } from '../../src/relay.ts';

/** All that there is, by name; nothing else of the folder is ever read. */
const mediaTypes = {
  'index.html': 'text/html; charset=utf-8',
  'console.js': 'text/javascript; charset=utf-8',
  'console.css': 'text/css; charset=utf-8',
  'icon.svg': 'image/svg+xml',
} as const;
type FileName = keyof typeof mediaTypes;

/**
 * Only what comes from this origin runs, is shown or is asked; nobody may frame the page, and no text becomes markup.
 * https://www.w3.org/TR/CSP3/
 */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

const always = {
  'Content-Security-Policy': policy,
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  // Asked for each time: the console belongs to the API that was deployed with it.
  'Cache-Control': 'no-cache',
  Vary: 'Accept-Encoding',
};

interface Served {
  readonly plain: Uint8Array;
  readonly gzipped: Uint8Array;
  readonly etag: string;
}

const compress = promisify(gzip);
/** Read once per process. */
const read = new Map<FileName, Promise<Served | undefined>>();

/** A file of the console; 404 where there is none, where it was not built, and while CONSOLE is off. */
export async function showConsole(request: HttpRequest): Promise<HttpResponseInit> {
  const name = request.params.path || 'index.html';
  const file = isFileName(name) && (await isOn()) ? await fileOf(name) : undefined;
  if (!isFileName(name) || !file)
    return {
      status: 404,
      headers: { ...always, 'Content-Type': 'text/plain' },
      body: 'There is no such page.\n',
    };
  const headers = { ...always, 'Content-Type': mediaTypes[name], ETag: file.etag };
  if (isKnown(request.headers.get('if-none-match'), file.etag)) return { status: 304, headers };
  return acceptsGzip(request.headers.get('accept-encoding'))
    ? { status: 200, headers: { ...headers, 'Content-Encoding': 'gzip' }, body: file.gzipped }
    : { status: 200, headers, body: file.plain };
}

const isFileName = (name: string): name is FileName => Object.hasOwn(mediaTypes, name);

/** A relay that is misconfigured has a console: it says what is wrong. */
async function isOn(): Promise<boolean> {
  const state = await relayState();
  return 'relay' in state ? state.relay.settings.CONSOLE === 'on' : process.env.CONSOLE !== 'off';
}

function fileOf(name: FileName): Promise<Served | undefined> {
  const file = read.get(name) ?? load(name);
  read.set(name, file);
  return file;
}

async function load(name: FileName): Promise<Served | undefined> {
  try {
    const plain = await readFile(join(appFolder, 'dist', 'console', name));
    const gzipped = await compress(plain, { level: 9 });
    return { plain, gzipped, etag: `W/"${hash('sha256', plain, 'base64url')}"` };
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
