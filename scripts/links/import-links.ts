import { setTimeout as delay } from 'node:timers/promises';
import { RelayFailure } from '../../cli/errors.ts';
import { linksAtOnce } from '../../src/http/link-requests.ts';
import type { RelayApi } from '../relay-api.ts';
import type { CsvLine, LinkToSet } from './csv-links.ts';

/** A line that was not imported, and why. */
export interface Rejection {
  readonly line: number;
  readonly text: string;
  readonly reason: string;
}

export interface Imported {
  readonly written: number;
  readonly unchanged: number;
  /** In the order of the file. */
  readonly rejections: readonly Rejection[];
  /** Why it stopped before the end: the relay cannot take more. */
  readonly stopped?: RelayFailure;
}

/** What is known while it goes on. */
export interface Progress {
  /** Of the lines that are settled. */
  readonly bytesDone: number;
  readonly done: number;
  readonly rejected: number;
}

interface Line extends Omit<CsvLine, 'content'> {
  readonly link: LinkToSet;
}

/** So many calls at a time. */
const callsAtATime = 4;
/** A relay that is merely busy is asked again after so long, twice. */
const waitsMs = [1000, 4000];

/**
 * Sends the links to the relay, and reads on while it answers. Lines that are wrong are left out, the others go on.
 * Run again, it changes nothing: links that already say so stay as they are.
 */
export async function importLinks(
  lines: AsyncIterable<CsvLine>,
  api: RelayApi,
  report: (progress: Progress) => void,
): Promise<Imported> {
  let written = 0;
  let unchanged = 0;
  let bytesDone = 0;
  let stopped: RelayFailure | undefined;
  const rejections: Rejection[] = [];
  const first = new Map<string, { readonly line: number; readonly customerId: string }>();
  const calls = new Set<Promise<void>>();

  async function send(batch: readonly Line[]): Promise<void> {
    const sent = await sendBatch(batch, api);
    written += sent.written;
    unchanged += sent.unchanged;
    rejections.push(...sent.rejections);
    for (const { text } of batch) bytesDone += bytesOf(text);
    report({ bytesDone, done: written + unchanged, rejected: rejections.length });
  }

  async function begin(batch: readonly Line[]): Promise<void> {
    const call = send(batch)
      .catch((error: unknown) => {
        if (!(error instanceof RelayFailure)) throw error;
        stopped = error;
      })
      .finally(() => calls.delete(call));
    calls.add(call);
    if (calls.size >= callsAtATime) await Promise.race(calls);
  }

  /** The line as it is to be sent; undefined when that is not needed. */
  function toSend({ line, text, content }: CsvLine): Line | undefined {
    if ('error' in content) {
      rejections.push({ line, text, reason: content.error });
      return undefined;
    }
    const { source, recordId, customerId } = content;
    const before = first.get(`${source} ${recordId}`);
    if (!before) {
      first.set(`${source} ${recordId}`, { line, customerId });
      return { line, text, link: content };
    }
    // Which of two contradictory lines counts would change from run to run.
    if (before.customerId === customerId) unchanged++;
    else rejections.push({ line, text, reason: `line ${before.line} has another customerId` });
    return undefined;
  }

  let batch: Line[] = [];
  for await (const csvLine of lines) {
    const line = toSend(csvLine);
    if (line) batch.push(line);
    else bytesDone += bytesOf(csvLine.text);
    if (batch.length < linksAtOnce) continue;
    await begin(batch);
    batch = [];
    if (stopped) break;
  }
  if (batch.length > 0 && !stopped) await begin(batch);
  await Promise.all(calls);
  rejections.sort((a, b) => a.line - b.line);
  return { written, unchanged, rejections, ...(stopped && { stopped }) };
}

/** Of a line, with its end. */
const bytesOf = (text: string): number => Buffer.byteLength(text) + 1;

/** The relay takes all of a batch or none: what it names as wrong is left out, and the rest is sent again. */
async function sendBatch(batch: readonly Line[], api: RelayApi): Promise<Omit<Imported, 'stopped'>> {
  try {
    const sent = await setLinks(batch, api);
    return { ...sent, rejections: [] };
  } catch (error) {
    if (!(error instanceof RelayFailure)) throw error;
    const reasons = reasonsByIndex(error);
    const good = batch.filter((_, index) => !reasons.has(index));
    // Not about single links: nothing would get better.
    if (good.length === batch.length) throw error;
    const rejections = batch.flatMap(({ line, text }, index) => {
      const reason = reasons.get(index);
      return reason === undefined ? [] : [{ line, text, reason }];
    });
    const sent = good.length > 0 ? await setLinks(good, api) : { written: 0, unchanged: 0 };
    return { ...sent, rejections };
  }
}

async function setLinks(
  lines: readonly Line[],
  api: RelayApi,
): Promise<{ written: number; unchanged: number }> {
  const links = lines.map(({ link }) => link);
  for (const waitMs of waitsMs) {
    try {
      return await api.call('POST', 'links', links);
    } catch (error) {
      if (!(error instanceof RelayFailure && error.isTemporary)) throw error;
      await delay(waitMs);
    }
  }
  return api.call('POST', 'links', links);
}

/** A violation is about `12.customerId`: the link of that index. */
function reasonsByIndex({ violations }: RelayFailure): Map<number, string> {
  const reasons = new Map<number, string>();
  for (const { path, message } of violations) {
    const [, digits, name = ''] = /^(\d+)(?:\.(.+))?$/.exec(path) ?? [];
    if (digits === undefined) continue;
    const index = Number(digits);
    const before = reasons.get(index);
    reasons.set(index, [...(before ? [before] : []), `${name} ${message}`.trim()].join('; '));
  }
  return reasons;
}
