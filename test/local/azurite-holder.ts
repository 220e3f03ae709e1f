/** A process that starts Azurite, tells where, and waits to be killed. */
import { startAzurite } from '../../local/azurite.ts';

const azurite = await startAzurite();
process.stdout.write(`${azurite.connectionString}\n`);
