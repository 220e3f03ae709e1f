import { posix } from 'node:path';
import type { Node } from 'web-tree-sitter';
import {
  type BicepFile,
  childrenOf,
  type Declaration,
  declarationsOf,
  hasAncestor,
  nodesOfType,
  pathOf,
  propertiesOf,
  textOf,
  valueAt,
} from './bicep-file.ts';
import { valueProblems } from './check-values.ts';

/** Functions of the language that the templates use. Another one is added here, so that a misspelt one is found. */
const functions = new Set(
  `deployer empty environment guid loadJsonContent loadTextContent map objectKeys replace split string subscription
  subscriptionResourceId tenant toLower union uniqueString utcNow`.split(/\s+/),
);

/**
 * What is wrong in Bicep files that belong together, as far as it can be seen without a compiler: syntax, symbols,
 * modules, files that are loaded, API versions, role ids, secrets. Empty: nothing was found.
 * `exists`: whether there is a file at a path (relative to the repository).
 */
export function checkBicep(files: readonly BicepFile[], exists: (path: string) => boolean): string[] {
  return files.flatMap((file) => {
    const at = (problem: string) => `${file.path}: ${problem}`;
    if (file.root.hasError) return syntaxProblems(file).map(at);
    return [
      ...symbolProblems(file),
      ...moduleProblems(file, files),
      ...loadProblems(file, exists),
      ...valueProblems(file),
    ].map(at);
  });
}

function syntaxProblems(file: BicepFile): string[] {
  const broken: Node[] = [];
  const search = (node: Node) => {
    if (node.isError || node.isMissing) broken.push(node);
    else for (const child of node.children) if (child?.hasError || child?.isMissing) search(child);
  };
  search(file.root);
  return broken.map((node) => `line ${node.startPosition.row + 1}: syntax error`);
}

function symbolProblems(file: BicepFile): string[] {
  const declarations = declarationsOf(file);
  const declared = new Set(declarations.filter(({ kind }) => kind !== 'output').map(({ name }) => name));
  const names = declarations.filter(({ kind }) => kind !== 'output').map(({ name }) => name);
  const used = new Set<string>();
  const problems: string[] = [];
  for (const { node, isCall } of references(file.root)) {
    const line = `line ${node.startPosition.row + 1}`;
    if (isCall) {
      if (!functions.has(node.text)) problems.push(`${line}: unknown function ${node.text}`);
    } else if (declared.has(node.text)) used.add(node.text);
    else if (!localNames(node).has(node.text)) problems.push(`${line}: ${node.text} is not declared`);
  }
  for (const { kind, name } of declarations) {
    if (['param', 'var', 'existing'].includes(kind) && !used.has(name)) problems.push(`${name} is not used`);
  }
  for (const name of new Set(names)) {
    if (names.filter((other) => other === name).length > 1) problems.push(`${name} is declared twice`);
  }
  return problems;
}

interface Reference {
  readonly node: Node;
  readonly isCall: boolean;
}

/** Identifiers that stand for something declared elsewhere: no keys, no names in declarations, no decorators. */
function references(root: Node): Reference[] {
  return nodesOfType(root, 'identifier').flatMap((node): Reference[] => {
    const { parent } = node;
    if (!parent || hasAncestor(node, 'decorator')) return [];
    const isFirst = childrenOf(parent)[0]?.id === node.id;
    if (parent.type === 'call_expression' && parent.childForFieldName('function')?.id === node.id)
      return [{ node, isCall: true }];
    const isName = parent.type.endsWith('_declaration') || parent.type === 'object_property';
    const isLocal = parent.type === 'lambda_expression' || parent.type === 'for_statement';
    if (isFirst && (isName || isLocal)) return [];
    return [{ node, isCall: false }];
  });
}

/** Names that loops and lambdas around a node introduce. */
function localNames(node: Node): Set<string> {
  const names = new Set<string>();
  for (let around = node.parent; around; around = around.parent) {
    if (around.type === 'lambda_expression') names.add(childrenOf(around)[0]?.text ?? '');
    if (around.type !== 'for_statement') continue;
    for (const local of nodesOfType(around, 'loop_variable', 'loop_enumerator')) names.add(local.text);
    names.add(around.childForFieldName('initializer')?.text ?? '');
  }
  return names;
}

/** A module's file is there, gets every parameter that it needs and no other, and has the outputs that are read. */
function moduleProblems(file: BicepFile, files: readonly BicepFile[]): string[] {
  return declarationsOf(file)
    .filter(({ kind }) => kind === 'module')
    .flatMap((module) => {
      const path = posix.join(posix.dirname(file.path), pathOf(module));
      const target = files.find((other) => other.path === path);
      if (!target) return [`module ${module.name}: there is no ${path}`];
      const declarations = declarationsOf(target);
      const given = new Set(propertiesOf(valueAt(module, 'params') ?? module.node).keys());
      const parameters = declarations.filter(({ kind }) => kind === 'param');
      const outputs = new Set(declarations.filter(({ kind }) => kind === 'output').map(({ name }) => name));
      return [
        ...parameters
          .filter((parameter) => !hasDefault(parameter) && !given.has(parameter.name))
          .map(({ name }) => `module ${module.name}: the parameter ${name} is missing`),
        ...[...given]
          .filter((name) => !parameters.some((parameter) => parameter.name === name))
          .map((name) => `module ${module.name}: there is no parameter ${name}`),
        ...outputsRead(file, module.name)
          .filter((name) => !outputs.has(name))
          .map((name) => `module ${module.name}: there is no output ${name}`),
      ];
    });
}

function hasDefault({ node }: Declaration): boolean {
  return node.children.some((child) => child?.type === '=');
}

function outputsRead(file: BicepFile, module: string): string[] {
  return [...file.root.text.matchAll(new RegExp(`\\b${module}\\.\\??outputs\\.(\\w+)`, 'g'))].map(
    ([, output = '']) => output,
  );
}

function loadProblems(file: BicepFile, exists: (path: string) => boolean): string[] {
  return nodesOfType(file.root, 'call_expression').flatMap((call) => {
    const [path] = nodesOfType(call, 'string');
    if (!/^load(Json|Text)Content$/.test(call.childForFieldName('function')?.text ?? '') || !path) return [];
    const full = posix.join(posix.dirname(file.path), textOf(path));
    return exists(full) ? [] : [`there is no ${full}`];
  });
}
