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
