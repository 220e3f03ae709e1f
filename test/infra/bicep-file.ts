import { createRequire } from 'node:module';
import { Language, type Node, Parser } from 'web-tree-sitter';

/** A Bicep file and its syntax tree. */
export interface BicepFile {
  /** Relative to the repository. */
  readonly path: string;
  readonly root: Node;
}

/** What a file declares under a name. A resource counts as `existing` when it is only looked up. */
export interface Declaration {
  readonly kind: 'param' | 'var' | 'resource' | 'existing' | 'module' | 'output';
  readonly name: string;
  readonly node: Node;
}

const kinds: Readonly<Record<string, Declaration['kind']>> = {
  parameter_declaration: 'param',
  variable_declaration: 'var',
  resource_declaration: 'resource',
  module_declaration: 'module',
  output_declaration: 'output',
};

let parser: Promise<Parser> | undefined;

async function createParser(): Promise<Parser> {
  await Parser.init();
  const wasm = createRequire(import.meta.url).resolve('tree-sitter-bicep/tree-sitter-bicep.wasm');
  return new Parser().setLanguage(await Language.load(wasm));
}

/** Parses Bicep. Never throws for wrong syntax: see `root.hasError`. */
export async function parseBicep(path: string, text: string): Promise<BicepFile> {
  parser ??= createParser();
  const tree = (await parser).parse(text);
  if (!tree) throw new Error(`${path} cannot be parsed`);
  return { path, root: tree.rootNode };
}

export function nodesOfType(node: Node, ...types: string[]): Node[] {
  return node.descendantsOfType(types).filter((found) => found !== null);
}

export function childrenOf(node: Node): Node[] {
  return node.namedChildren.filter((child) => child !== null);
}

/** Everything that is declared, children of resources included. */
export function declarationsOf(file: BicepFile): Declaration[] {
  return nodesOfType(file.root, ...Object.keys(kinds)).flatMap((node) => {
    const kind = kinds[node.type];
    const name = childrenOf(node).find(({ type }) => type === 'identifier')?.text;
    if (!kind || !name) return [];
    const isExisting = kind === 'resource' && node.children.some((child) => child?.type === 'existing');
    return [{ kind: isExisting ? 'existing' : kind, name, node }];
  });
}

/** The text between the quotes; of a string with `${…}` only the fixed parts. */
export function textOf(string: Node): string {
  return childrenOf(string)
    .filter(({ type }) => type === 'string_content')
    .map(({ text }) => text)
    .join('');
}

/** The name of a property of an object literal, and its value. */
export function propertiesOf(object: Node): Map<string, Node> {
  const properties = new Map<string, Node>();
  for (const property of childrenOf(object)) {
    const [key, value] = childrenOf(property);
    if (property.type !== 'object_property' || !key || !value) continue;
    properties.set(key.type === 'string' ? textOf(key) : key.text, value);
  }
  return properties;
}

/** The object literal of a declaration: that of its body, also behind `if` and `for`. */
export function bodyOf(declaration: Declaration): Node | undefined {
  return nodesOfType(declaration.node, 'object').find((object) => {
    for (let node = object.parent; node && node.id !== declaration.node.id; node = node.parent) {
      if (!['if_statement', 'for_statement'].includes(node.type)) return false;
    }
    return true;
  });
}

/** The value of a property by its path, like `properties.networkAcls.bypass`. */
export function valueAt(declaration: Declaration, path: string): Node | undefined {
  let value = bodyOf(declaration);
  for (const name of path.split('.')) value = value && propertiesOf(value).get(name);
  return value;
}

/** The string after a declaration's name: a resource's type, a module's file. */
export function pathOf({ node }: Declaration): string {
  const path = childrenOf(node).find(({ type }) => type === 'string');
  return path ? textOf(path) : '';
}

export function hasAncestor(node: Node, type: string): boolean {
  for (let around = node.parent; around; around = around.parent) if (around.type === type) return true;
  return false;
}
