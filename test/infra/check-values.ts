import {
  type BicepFile,
  childrenOf,
  declarationsOf,
  hasAncestor,
  nodesOfType,
  pathOf,
  textOf,
} from './bicep-file.ts';
import { roles } from './roles.ts';

/** What is wrong with the values in a file: API versions, role ids, secrets. */
export function valueProblems(file: BicepFile): string[] {
  return [...typeProblems(file), ...guidProblems(file), ...secretProblems(file)];
}

const resourceType = /^[A-Z][A-Za-z]*(\.[A-Za-z]+)+(\/[A-Za-z]+)+@(\d{4}-\d{2}-\d{2})(-preview)?$/;

/** `Provider.Name/type@date`; a child that stands in its parent has its last part only, and the parent's date. */
function typeProblems(file: BicepFile): string[] {
  return declarationsOf(file)
    .filter(({ kind }) => kind === 'resource' || kind === 'existing')
    .flatMap((resource) => {
      const type = pathOf(resource);
      if (hasAncestor(resource.node, 'resource_declaration') && /^[A-Za-z]+$/.test(type)) return [];
      const date = resourceType.exec(type)?.[3];
      return date && isDate(date)
        ? []
        : [`${resource.name}: ${type} is no resource type with an API version`];
    });
}

function isDate(text: string): boolean {
  const time = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}

/** A GUID in a template is the id of a role, under the name of that role. */
function guidProblems(file: BicepFile): string[] {
  return nodesOfType(file.root, 'string').flatMap((string) => {
    const text = textOf(string);
    if (!/[0-9a-f]{8}-[0-9a-f]{4}-/i.test(text)) return [];
    const name = string.parent?.type === 'object_property' ? childrenOf(string.parent)[0]?.text : undefined;
    return name && roles[name] === text ? [] : [`${text} is not the id of the role ${name ?? '(no name)'}`];
  });
}

const secretName =
  /password|pwd|passphrase|apikey|accountkey|sharedkey|accesskey|token$|connectionstring|secret/i;
const secretValue =
  /AccountKey=|SharedAccess|sig=|InstrumentationKey=|whsec_|BEGIN [A-Z ]*PRIVATE|^(?=.*\d)(?=.*[A-Z])(?=.*[a-z])[A-Za-z0-9+/_-]{32,}={0,2}$/;
const secretSource = /ConnectionString|InstrumentationKey/;

/** No literal that looks like a secret, no parameter that would hold one, none in an output. */
function secretProblems(file: BicepFile): string[] {
  const declarations = declarationsOf(file);
  return [
    ...nodesOfType(file.root, 'string')
      .filter((string) => secretValue.test(textOf(string)))
      .map(({ startPosition }) => `line ${startPosition.row + 1}: a literal looks like a secret`),
    ...nodesOfType(file.root, 'identifier', 'property_identifier')
      .filter(({ text }) => /^(list[A-Z]\w*|getSecret)$/.test(text))
      .map(({ text }) => `${text} reads a secret`),
    ...declarations
      .filter(({ kind, name }) => kind === 'param' && secretName.test(name))
      .map(({ name }) => `the parameter ${name} looks like a secret`),
    ...declarations
      .filter(
        ({ kind, name, node }) =>
          kind === 'output' && (secretName.test(name) || secretSource.test(node.text)),
      )
      .map(({ name }) => `the output ${name} would show a secret`),
  ];
}
