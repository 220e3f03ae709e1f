import { join, resolve } from 'node:path';
import { appFolder } from '../src/app-folder.ts';

/** All that the local stack keeps on disk. Ignored by git; `npm start -- --fresh` empties it. */
export const stateFolder = resolve(process.env.RELAY_STATE || join(appFolder, '.local'));
