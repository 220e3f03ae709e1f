import { columns, type KqlNames } from './kql-names.ts';

/**
 * What a query names that the code does not write, or does not take apart rightly; empty: nothing. It is no parser of
 * KQL: it looks at tables, metrics, dimensions, beginnings of log lines and members of their JSON.
 */
export function faultsOfQuery(query: string, names: KqlNames): string[] {
  return [
    ...tablesOf(query)
      .filter((table) => !names.tables.includes(table))
      .map((table) => `no table ${table}`),
    ...faultsOfMetrics(query, names),
    ...faultsOfLogLines(query, names),
    ...faultsOfMembers(query, names),
    ...unbalanced(query),
  ];
}

/** What stands at the beginning of a pipeline and is no name that the query itself gives. */
function tablesOf(query: string): string[] {
  const given = new Set([...query.matchAll(/\blet (\w+) =/g)].map(([, name]) => name));
  const starts = [...query.matchAll(/(?:^|;\s*|\blet \w+ =\s*)(\w+)\s*\|/g)].map(([, name = '']) => name);
  const united =
    /\bunion ([\w, ]+)/
      .exec(query)?.[1]
      ?.split(',')
      .map((name) => name.trim()) ?? [];
  return [...starts, ...united].filter((name) => !given.has(name) && name !== 'union');
}

function faultsOfMetrics(query: string, { dimensions, outcomes }: KqlNames): string[] {
  const measured = [...query.matchAll(/\bname == '([^']*)'/g)].map(([, name = '']) => name);
  const known = measured.flatMap((metric) => [...(dimensions.get(metric) ?? [])]);
  const compared = [...query.matchAll(/customDimensions\.outcome\) (?:== |in \()([^)\n|]*?)(?:\)|\n|$)/g)];
  return [
    ...measured.filter((metric) => !dimensions.has(metric)).map((metric) => `no metric ${metric}`),
    ...(query.includes('customMetrics') && measured.length === 0 ? ['no metric is named'] : []),
    ...[...query.matchAll(/customDimensions\.(\w+)/g)]
      .filter(([, name = '']) => !known.includes(name))
      .map(([, name]) => `no dimension ${name} of ${measured.join(', ')}`),
    ...compared
      .flatMap(([, list = '']) => [...list.matchAll(/'([^']*)'/g)])
      .filter(([, outcome = '']) => !outcomes.includes(outcome))
      .map(([, outcome]) => `no outcome ${outcome}`),
  ];
}

function faultsOfLogLines(query: string, { logPrefixes }: KqlNames): string[] {
  const faults: string[] = [];
  for (const [, start = '', rest = ''] of query.matchAll(/message startswith '([^']*)'([\s\S]*?)(?=;|$)/g)) {
    if (!logPrefixes.includes(start)) faults.push(`no line of the log begins with ${start}`);
    for (const [, length] of rest.matchAll(/substring\(message, (\d+)\)/g)) {
      if (Number(length) !== start.length)
        faults.push(`${start} is ${start.length} characters long, not ${length}`);
    }
    for (const [, parsed] of rest.matchAll(/parse message with '([^']*)' status ': ' json/g)) {
      if (parsed !== start) faults.push(`lines that begin with ${start} are taken apart by ${parsed}`);
    }
  }
  if (/\btraces\b/.test(query) && !query.includes('message startswith'))
    faults.push('all of the log is read');
  return faults;
}

/** Members that are read out of what `parse_json` gave. */
function faultsOfMembers(query: string, { changeMembers, healthMembers }: KqlNames): string[] {
  const ofChange = [...query.matchAll(/(?<![.\w])change\.([\w.]+)/g)].map(([, path = '']) => path);
  const ofHealth = [...query.matchAll(/(?<![.\w])health\.([\w.]+)/g)].map(([, path = '']) => path);
  const unknownColumns = [...query.matchAll(/\b(customDimensions|[a-z]+_[A-Z]\w+)\b/g)]
    .map(([, column = '']) => column)
    .filter((column) => !columns.includes(column));
  return [
    ...ofChange.filter((path) => !changeMembers.has(path)).map((path) => `no member ${path} of a change`),
    ...ofHealth
      .filter((path) => path.split('.').some((name) => !healthMembers.has(name)))
      .map((path) => `no member ${path} of health`),
    ...unknownColumns.map((column) => `no column ${column}`),
  ];
}

function unbalanced(query: string): string[] {
  const outside = query.replace(/'[^']*'/g, '');
  const count = (character: string) => outside.split(character).length;
  return count('(') === count(')') && !outside.includes("'") ? [] : ['brackets or quotes do not match'];
}
