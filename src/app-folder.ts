import { join } from 'node:path';

/** The app's folder: that of package.json, host.json and relay.json. Holds for `src/` and for the bundle in `dist/`. */
export const appFolder = join(import.meta.dirname, '..');
