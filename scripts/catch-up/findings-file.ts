import { createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Finding } from '../../src/catch-up/report.ts';
import { findingHeader, findingLine } from './report-text.ts';

/** A CSV file for what somebody may want to look at. */
export interface FindingsFile {
  add(finding: Finding, row?: number): void;
  close(): Promise<void>;
}

/** Opens the file at `path`; absent: nothing is written. If `goesOn`, what an earlier run found stays in it. */
export async function openFindings(
  path: string | undefined,
  { goesOn }: { readonly goesOn: boolean },
): Promise<FindingsFile> {
  if (path === undefined) return { add: () => undefined, close: async () => undefined };
  const { size } = goesOn ? await stat(path).catch(() => ({ size: 0 })) : { size: 0 };
  const file = createWriteStream(path, { flags: size > 0 ? 'a' : 'w' });
  if (size === 0) file.write(`${findingHeader}\n`);
  return {
    add: (finding, row) => file.write(`${findingLine(finding, row)}\n`),
    close: () => new Promise((resolve) => file.end(resolve)),
  };
}
