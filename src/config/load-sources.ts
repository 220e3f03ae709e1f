import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { appFolder } from '../app-folder.ts';
import { type Violation, violationsOf } from '../domain/violation.ts';
import type { Mapping } from '../mapping/mapping.ts';
import { MappingUnusable } from '../mapping/mapping-unusable.ts';
import { sourceKinds } from '../sources/index.ts';
import type { Configuration, SourceEntry } from './configuration.ts';
import type { Settings } from './settings.ts';
import { allowedLookUps, forbiddenFields, type Source } from './source.ts';

export interface LoadedSources {
  readonly sources: ReadonlyMap<string, Source>;
  /** Sources that cannot work, by name, with the reasons. */
  readonly brokenSources: ReadonlyMap<string, readonly Violation[]>;
}

/** Makes sources of the entries of relay.json. Their mappings are read and compiled when they are first needed. */
export function loadSources(configuration: Configuration): LoadedSources {
  const sources = new Map<string, Source>();
  const brokenSources = new Map<string, readonly Violation[]>();
  for (const [name, entry] of Object.entries(configuration.relayFile.sources)) {
    const loaded = loadSource(name, entry, configuration);
    if ('violations' in loaded) brokenSources.set(name, loaded.violations);
    else sources.set(name, loaded);
  }
  return { sources, brokenSources };
}

/** Where something of a source stands in the configuration, for people. */
export function placeOf(name: string, path: string, settings: Pick<Settings, 'RELAY_CONFIG'>): string {
  return `${settings.RELAY_CONFIG}: sources.${name}.${path}`;
}

function loadSource(
  name: string,
  entry: SourceEntry,
  configuration: Configuration,
): Source | { readonly violations: Violation[] } {
  const at = (path: string) => placeOf(name, path, configuration.settings);
  const kind = sourceKinds.get(entry.kind);
  if (!kind) return { violations: [{ path: at('kind'), message: 'is not a known kind' }] };
  const options = kind.options.safeParse(entry.options ?? {});
  if (!options.success) {
    const violations = violationsOf(options.error);
    return {
      violations: violations.map((v) => ({ ...v, path: at(['options', v.path].filter(Boolean).join('.')) })),
    };
  }
  const file = entry.mapping ?? kind.mapping;
  if (!file && !kind.selfMapped)
    return {
      violations: [{ path: at('mapping'), message: 'is needed: this kind has no mapping of its own' }],
    };
  const mapping =
    file && (entry.mapping || !kind.selfMapped)
      ? once(() =>
          loadMapping(
            file,
            resolve(entry.mapping ? configuration.folder : appFolder, file),
            configuration.settings,
          ),
        )
      : undefined;
  if (entry.catchUp && !kind.changesSince)
    return { violations: [{ path: at('catchUp'), message: 'this kind has no API that can be asked' }] };
  const maxBodyBytes = entry.maxBodyBytes ?? kind.maxBodyBytes;
  return {
    name,
    kind,
    options: options.data,
    secretNames: entry.secrets,
    ...(maxBodyBytes !== undefined && { maxBodyBytes }),
    ...(entry.catchUp && { catchUp: entry.catchUp }),
    mode: entry.mode,
    isStrict: entry.strict,
    ...(mapping && { mapping }),
    forbidden: forbiddenFields(entry.allow, kind.trusted),
    lookUp: allowedLookUps(entry.lookUp, kind.trusted),
    ignoreChangedBy: new Set(entry.ignoreChangedBy),
  };
}

/** What is wrong with a source's mapping; undefined: it can be used, or the source needs none. */
export async function mappingProblem({ mapping }: Source): Promise<string | undefined> {
  try {
    await mapping?.();
    return undefined;
  } catch (error) {
    if (error instanceof MappingUnusable) return error.message;
    throw error;
  }
}

async function loadMapping(
  file: string,
  path: string,
  { REGION_WHERE_NONE: regionWhereNone }: Settings,
): Promise<Mapping> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new MappingUnusable(`the file ${file} cannot be read`, { cause });
  });
  // JSONata is heavy: only who maps loads it.
  const { compileMapping, MappingCompileError } = await import('../mapping/mapping.ts');
  try {
    return compileMapping(file, text, { regionWhereNone });
  } catch (error) {
    if (!(error instanceof MappingCompileError)) throw error;
    throw new MappingUnusable(error.message, { cause: error });
  }
}

function once<Result>(work: () => Promise<Result>): () => Promise<Result> {
  let result: Promise<Result> | undefined;
  return () => {
    result ??= work();
    return result;
  };
}
