import { existsSync, type FSWatcher, readdirSync, statSync, watch } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** Editors write a file in several steps, and some replace it: so long must be quiet. */
const quietMs = 100;

/**
 * Calls `changed` after a change in one of the files, or of a file in one of the folders at any depth. Folders are
 * watched, never files: many editors put a new file in the place of the old one, and a watcher of a file goes with it.
 */
export function watchFiles(paths: readonly string[], changed: () => void): { close(): void } {
  let watchers: FSWatcher[] = [];
  let timer: NodeJS.Timeout | undefined;

  /** Anew after each change: a folder may have come, or another one be in the place of the old one. */
  function watchAll(): void {
    const before = watchers;
    watchers = [...foldersOf(paths)].map(([folder, files]) => {
      const watcher = watch(folder, (_, name) => {
        if (files && name !== null && !files.has(name)) return;
        clearTimeout(timer);
        timer = setTimeout(() => {
          watchAll();
          changed();
        }, quietMs);
      });
      // A folder that was removed: its parent's watcher tells.
      return watcher.on('error', () => watcher.close());
    });
    for (const watcher of before) watcher.close();
  }

  watchAll();
  return {
    close() {
      clearTimeout(timer);
      for (const watcher of watchers) watcher.close();
    },
  };
}

/** Which folders to watch, and for which names in them; undefined: for all. */
function foldersOf(paths: readonly string[]): Map<string, Set<string> | undefined> {
  const folders = new Map<string, Set<string> | undefined>();
  for (const path of paths) {
    if (existsSync(path) && statSync(path).isDirectory()) {
      for (const folder of withSubfolders(path)) folders.set(folder, undefined);
    } else if (!folders.has(dirname(path)) || folders.get(dirname(path))) {
      folders.set(dirname(path), (folders.get(dirname(path)) ?? new Set()).add(basename(path)));
    }
  }
  return folders;
}

function withSubfolders(folder: string): string[] {
  const inside = readdirSync(folder, { withFileTypes: true, recursive: true });
  return [
    folder,
    ...inside.filter((entry) => entry.isDirectory()).map(({ parentPath, name }) => join(parentPath, name)),
  ];
}
