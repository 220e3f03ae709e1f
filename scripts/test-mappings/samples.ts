import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import * as z from 'zod';
import { Unusable } from '../../cli/errors.ts';
import { readAs } from '../../cli/local-settings.ts';

const expectedSchema = z.looseObject({ topic: z.string().optional() });

/** A payload and what a mapping is expected to make of it. */
export interface Sample {
  readonly source: string;
  /** Paths, relative to the working folder. */
  readonly file: string;
  readonly expectedFile: string;
  /** Absent: nobody has said yet what is expected. */
  readonly expected?: z.output<typeof expectedSchema>;
}

const ending = '.expected.json';

/**
 * The samples in `samples/<source>/` of a folder, of one source or of all, in order. Throws {@link Unusable} if there are
 * none, or if what is expected is not JSON.
 */
export async function readSamples(folder: string, only: string | undefined): Promise<Sample[]> {
  const root = join(folder, 'samples');
  const entries = await readdir(root, { withFileTypes: true }).catch(() => []);
  const sources = entries.filter((entry) => entry.isDirectory() && (!only || entry.name === only));
  const samples: Sample[] = [];
  for (const { name: source } of sources) {
    const names = (await readdir(join(root, source))).toSorted();
    for (const name of names.filter((one) => !one.endsWith(ending))) {
      samples.push(await readSample(join(root, source), source, name));
    }
  }
  if (samples.length > 0) return samples;
  throw new Unusable(`There is no sample in ${relative('.', join(root, only ?? '<source>')) || '.'}.`);
}

async function readSample(folder: string, source: string, name: string): Promise<Sample> {
  const file = relative('.', join(folder, name));
  const expectedFile = relative('.', join(folder, `${name.replace(/\.\w+$/, '')}${ending}`));
  const text = await readFile(expectedFile, 'utf8').catch(() => undefined);
  const expected = text === undefined ? undefined : readAs(expectedSchema, text, expectedFile);
  return { source, file, expectedFile, ...(expected && { expected }) };
}

/** Writes what is expected of a sample. */
export function writeExpected({ expectedFile }: Sample, expected: object): Promise<void> {
  return writeFile(expectedFile, `${JSON.stringify(expected, null, 2)}\n`);
}
