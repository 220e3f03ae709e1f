/** Replaces each `%NAME%` in a binding's property by that app setting. Throws if it is not set. */
export function expandSettings(text: string): string {
  return text.replaceAll(/%([^%]+)%/g, (_, name: string) => {
    const value = process.env[name];
    if (!value) throw new Error(`app setting ${name} is not set`);
    return value;
  });
}

/**
 * The storage connection string that a binding's `connection` names: the setting itself, or the one with the prefix
 * `AzureWebJobs`, as in Azure; `AzureWebJobsStorage` without a name. Throws if there is none.
 */
export function connectionString(connection = 'AzureWebJobsStorage'): string {
  const value = process.env[connection] ?? process.env[`AzureWebJobs${connection}`];
  if (!value) throw new Error(`app setting ${connection} (a storage connection string) is not set`);
  return value;
}
