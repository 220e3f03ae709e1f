import { glob, readFile } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';

/** The rooms of the code, from the ground up: each may import from itself and from those before it. */
const rooms = [
  'src/domain',
  'src/lib',
  'src/net',
  'src/azure',
  'src/app-folder.ts',
  'src/telemetry',
  'src/secrets',
  'src/mapping',
  'src/sources',
  'src/directscale',
  'src/config',
  'src/delivery/record',
  'src/delivery/store',
  'src/delivery/take',
  'src/delivery/customer',
  'src/delivery/attempt',
  'src/delivery/operate',
  'src/delivery/delivery.ts',
  'src/catch-up',
  'src/http/problem.ts',
  'src/relay.ts',
  'src/health.ts',
  'src/source-report.ts',
  'src/http',
  'functions/handlers',
  'functions',
];

/** The files that each file imports, types included. */
const importsOf = new Map<string, readonly string[]>();

beforeAll(async () => {
  for await (const file of glob([
    'src/**/*.ts',
    'functions/**/*.ts',
    'local/**/*.ts',
    'scripts/**/*.ts',
    'console/**/*.{ts,tsx}',
  ])) {
    const text = await readFile(file, 'utf8');
    const found = text.matchAll(/(?:from|import)\s*\(?\s*'(\.{1,2}\/[^']+)'/g);
    importsOf.set(
      file,
      [...found].map(([, path = '']) => normalize(join(dirname(file), path))),
    );
  }
});

/** The most special room that holds the file; -1: none does. */
function roomOf(file: string): number {
  const holding = rooms.flatMap((room, index) =>
    file === room || file.startsWith(`${room}/`) ? [{ index, length: room.length }] : [],
  );
  return holding.toSorted((a, b) => b.length - a.length)[0]?.index ?? -1;
}

describe('imports', () => {
  test('run downwards only', () => {
    const upwards = [...importsOf]
      .filter(([file]) => file.startsWith('src/') || file.startsWith('functions/'))
      .flatMap(([file, imported]) =>
        imported.filter((path) => roomOf(path) > roomOf(file)).map((path) => `${file} -> ${path}`),
      );
    expect(upwards).toEqual([]);
  });

  test('lead to files of a room', () => {
    const homeless = [...importsOf.keys()].filter(
      (file) => /^(src|functions)\//.test(file) && roomOf(file) < 0,
    );
    expect(homeless).toEqual([]);
  });

  test("of the console take the API's types, and nothing else of the app", async () => {
    const taken: string[] = [];
    for await (const file of glob('console/**/*.{ts,tsx}')) {
      const text = await readFile(file, 'utf8');
      for (const [line, path = ''] of text.matchAll(
        /^(?:import|export)[^;]*?from '((?:\.\.\/)+src\/[^']+)'/gm,
      ))
        if (!/^(import|export) type /.test(line) || !path.includes('/src/http/'))
          taken.push(`${file}: ${line}`);
    }
    expect(taken).toEqual([]);
  });

  test('make no circles', () => {
    const circles: string[] = [];
    const done = new Set<string>();
    const visit = (file: string, way: readonly string[]): void => {
      const start = way.indexOf(file);
      if (start >= 0) circles.push([...way.slice(start), file].join(' -> '));
      if (start >= 0 || done.has(file)) return;
      for (const next of importsOf.get(file) ?? []) visit(next, [...way, file]);
      done.add(file);
    };
    for (const file of importsOf.keys()) visit(file, []);
    expect(circles).toEqual([]);
  });
});
