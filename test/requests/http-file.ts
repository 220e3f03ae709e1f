/** A request of an HTTP file. */
export interface HttpFileRequest {
  readonly title: string;
  readonly method: string;
  readonly url: URL;
  readonly headers: ReadonlyMap<string, string>;
  /** Empty: none. */
  readonly body: string;
}

/** What the editor fills in when it sends. */
const systemVariables: Readonly<Record<string, string>> = {
  $guid: '7b1f3c52-0a4e-4a51-9a0b-1f2f4f1c9f11',
  $timestamp: '1763672602',
  '$datetime iso8601': '2026-11-23T17:06:31.123Z',
  '$processEnv RELAY_KEY': 'a-key',
};

/**
 * The requests of a file for the REST Client of VS Code, with its variables filled in. Throws for an unknown variable
 * and for what is no request. https://github.com/Huachao/vscode-restclient
 */
export function parseHttpFile(text: string): HttpFileRequest[] {
  const variables = new Map(Object.entries(systemVariables));
  const fill = (template: string): string =>
    template.replaceAll(/\{\{(.+?)\}\}/g, (_, name: string) => {
      const value = variables.get(name);
      if (value === undefined) throw new Error(`there is no variable ${name}`);
      return value;
    });
  for (const [, name = '', value = ''] of text.matchAll(/^@(\w+)\s*=\s*(.*)$/gm))
    variables.set(name, fill(value));

  return text
    .split(/^###/m)
    .slice(1)
    .map((block) => {
      const [title = '', ...lines] = block.split('\n');
      const content = lines
        .filter((line) => !/^(#|\/\/)/.test(line))
        .join('\n')
        .trim();
      const [head = '', ...body] = content.split('\n\n');
      return parseRequest(title.trim(), fill(head), fill(body.join('\n\n')));
    });
}

function parseRequest(title: string, head: string, body: string): HttpFileRequest {
  // A query may go on in lines of its own.
  const [line = '', ...headerLines] = head.replaceAll(/\n\s+([?&])/g, '$1').split('\n');
  const [, method, url] = /^([A-Z]+) (\S+)$/.exec(line) ?? [];
  if (!method || !url) throw new Error(`no request under "${title}": ${line}`);
  const headers = headerLines.map((header): [string, string] => {
    const [, name, value] = /^([A-Za-z-]+): (\S.*)$/.exec(header) ?? [];
    if (!name || !value) throw new Error(`no header under "${title}": ${header}`);
    return [name.toLowerCase(), value];
  });
  return { title, method, url: new URL(url), headers: new Map(headers), body };
}
