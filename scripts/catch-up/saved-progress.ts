import { readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import * as z from 'zod';
import { reportSchema } from '../../src/catch-up/report.ts';
import { jsonOrUndefined } from '../../src/lib/json.ts';

const savedSchema = z.strictObject({
  source: z.string(),
  mode: z.string(),
  /** The file as it was: another one is begun anew. */
  bytes: z.int(),
  changedAt: z.iso.datetime(),
  readAt: z.iso.datetime(),
  rows: z.int(),
  bytesRead: z.int(),
  report: reportSchema,
});
export type SavedProgress = z.infer<typeof savedSchema>;

/** How far the import of a file is, kept beside the file until it is done. */
export interface ProgressFile {
  readonly path: string;
  /** What a run that was stopped did of the same file; undefined: nothing. */
  read(): Promise<SavedProgress | undefined>;
  write(progress: SavedProgress): Promise<void>;
  remove(): Promise<void>;
}

/** Throws what the file system throws if the file is not there. */
export async function progressFileOf(
  file: string,
  about: { source: string; mode: string },
): Promise<ProgressFile> {
  const { size, mtime } = await stat(file);
  const path = `${file}.progress`;
  return {
    path,
    async read() {
      const text = await readFile(path, 'utf8').catch(() => '');
      const saved = savedSchema.safeParse(jsonOrUndefined(text)).data;
      const isSame =
        saved?.bytes === size &&
        saved.changedAt === mtime.toISOString() &&
        saved.source === about.source &&
        saved.mode === about.mode;
      return isSame ? saved : undefined;
    },
    async write(progress) {
      // At once: whoever stops the program never leaves half of it.
      await writeFile(`${path}.new`, JSON.stringify(progress));
      await rename(`${path}.new`, path);
    },
    remove: () => rm(path, { force: true }),
  };
}
