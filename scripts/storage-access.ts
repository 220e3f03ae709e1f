/**
 * `node scripts/storage-access.ts open|close`: opens the storage account that private networking has closed, so that a
 * package can be deployed, and closes it again. Does nothing without private networking. Settings: those of azd.
 * Exit code: 0 done, 1 Azure refused, 2 the command makes no sense.
 */
import { execFileSync } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { RelayFailure, Unusable, UsageError } from '../cli/errors.ts';
import { readArguments, readNumber, runProgram } from '../cli/program.ts';

const usage = 'usage: node scripts/storage-access.ts open|close [--wait-seconds 30]';

await runProgram(usage, async (args) => {
  const { values, positionals } = readArguments(
    args,
    { 'wait-seconds': { type: 'string', default: '30' } },
    [1, 1],
  );
  const seconds = readNumber('wait-seconds', values['wait-seconds'], 0, 600);
  const [action = ''] = positionals;
  if (action !== 'open' && action !== 'close') throw new UsageError(`${action} is neither open nor close`);
  if (process.env.RELAY_PRIVATE_NETWORKING !== 'true') {
    console.log('The storage account is not closed by private networking.');
    return;
  }
  setAccess(action === 'open');
  // Azure needs a while until it lets the upload through.
  if (action === 'open') await delay(seconds * 1000);
});

function setAccess(isOpen: boolean): void {
  const { AZURE_STORAGE_ACCOUNT_NAME: account, AZURE_RESOURCE_GROUP: group } = process.env;
  if (!account || !group)
    throw new Unusable('AZURE_STORAGE_ACCOUNT_NAME and AZURE_RESOURCE_GROUP must be set: run azd provision.');
  const access = isOpen
    ? ['--public-network-access', 'Enabled', '--default-action', 'Allow']
    : ['--public-network-access', 'Disabled', '--default-action', 'Deny'];
  const which = ['storage', 'account', 'update', '--name', account, '--resource-group', group];
  try {
    execFileSync('az', [...which, ...access, '--output', 'none'], {
      stdio: ['ignore', 'inherit', 'inherit'],
      // On Windows az is a batch file, which only a shell runs.
      shell: process.platform === 'win32',
    });
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    if (isMissing)
      throw new Unusable(
        'az is not on the PATH: install the Azure CLI and sign in, or open and close the account by hand.',
      );
    throw new RelayFailure(`${account} could not be ${isOpen ? 'opened' : 'closed'}.`);
  }
  console.log(`${account} is ${isOpen ? 'open' : 'closed'}.`);
}
