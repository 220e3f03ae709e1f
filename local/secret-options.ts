/** The options that name a secret, at any depth: the option's path and the secret's name. */
export function secretOptions(options: unknown, prefix = ''): Map<string, string> {
  const found = new Map<string, string>();
  if (typeof options !== 'object' || options === null) return found;
  for (const [name, value] of Object.entries(options)) {
    const path = `${prefix}${name}`;
    if (name.endsWith('Secret') && typeof value === 'string') found.set(path, value);
    else for (const [inner, secret] of secretOptions(value, `${path}.`)) found.set(inner, secret);
  }
  return found;
}
