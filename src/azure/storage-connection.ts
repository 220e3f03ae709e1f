/** The storage account of the Functions host itself: the app setting that every function app has. */
export const storageConnection = 'AzureWebJobsStorage';

/**
 * Whether the app settings say which storage account to use, in one of the forms that the Functions host knows.
 * https://learn.microsoft.com/azure/azure-functions/functions-reference#connecting-to-host-storage-with-an-identity
 */
export function namesStorage(env: NodeJS.ProcessEnv): boolean {
  return Boolean(
    env[storageConnection] ||
      env[`${storageConnection}__accountName`] ||
      (env[`${storageConnection}__tableServiceUri`] && env[`${storageConnection}__queueServiceUri`]),
  );
}

/** The address of one of the account's services, without a slash at its end. */
export function serviceAddress(env: NodeJS.ProcessEnv, service: 'table' | 'queue'): string {
  return (
    env[`${storageConnection}__${service}ServiceUri`]?.replace(/\/+$/, '') ??
    `https://${env[`${storageConnection}__accountName`]}.${service}.core.windows.net`
  );
}
