/** An expression of the Workflow Definition Language. */
export type Expression =
  | { readonly type: 'literal'; readonly value: unknown }
  | { readonly type: 'call'; readonly name: string; readonly arguments: readonly Expression[] }
  | {
      readonly type: 'member';
      readonly of: Expression;
      readonly key: Expression;
      readonly optional: boolean;
    };

/** What expressions may call: by name, with the values of the arguments. */
export type Functions = Readonly<Record<string, (...values: unknown[]) => unknown>>;

const token = /\s*(?:'((?:[^']|'')*)'|(-?\d+(?:\.\d+)?)|([A-Za-z]\w*)|(\?|\[|\]|\(|\)|,|\.))/y;

/**
 * A string of a definition in its parts: text, and the expressions in it. `@expression` is one expression,
 * `@{expression}` one inside a text, `@@` an at-sign. Throws a SyntaxError for what is none of these.
 * https://learn.microsoft.com/azure/logic-apps/workflow-definition-language-schema#expressions
 */
export function parseString(text: string): (string | Expression)[] {
  if (/^@[^@{]/.test(text)) {
    const whole = parse(text, 1);
    if (whole.end !== text.length) throw new SyntaxError(`more than an expression: ${text}`);
    return [whole.expression];
  }
  const parts: (string | Expression)[] = [];
  let at = 0;
  while (at < text.length) {
    const next = text.indexOf('@', at);
    if (next < 0) break;
    if (next > at) parts.push(text.slice(at, next));
    if (text[next + 1] === '@') {
      parts.push('@');
      at = next + 2;
    } else if (text[next + 1] === '{') {
      const inner = parse(text, next + 2);
      if (text[inner.end] !== '}') throw new SyntaxError(`no closing brace: ${text}`);
      parts.push(inner.expression);
      at = inner.end + 1;
    } else throw new SyntaxError(`an at-sign that begins nothing: ${text}`);
  }
  if (at < text.length) parts.push(text.slice(at));
  return parts;
}

/** The value of a string of a definition: of its one expression, or a text. */
export function evaluateString(text: string, functions: Functions): unknown {
  const [first, ...others] = parseString(text).map((part) =>
    typeof part === 'string' ? part : evaluate(part, functions),
  );
  return others.length === 0 && !text.startsWith('@{') ? first : [first, ...others].join('');
}

/** Every call in an expression, outermost first. */
export function callsOf(expression: Expression): Extract<Expression, { type: 'call' }>[] {
  switch (expression.type) {
    case 'literal':
      return [];
    case 'member':
      return [...callsOf(expression.of), ...callsOf(expression.key)];
    case 'call':
      return [expression, ...expression.arguments.flatMap(callsOf)];
  }
}

function evaluate(expression: Expression, functions: Functions): unknown {
  switch (expression.type) {
    case 'literal':
      return expression.value;
    case 'call': {
      const call = functions[expression.name];
      if (!call) throw new Error(`there is no function ${expression.name}`);
      return call(...expression.arguments.map((argument) => evaluate(argument, functions)));
    }
    case 'member': {
      const of = evaluate(expression.of, functions);
      const key = String(evaluate(expression.key, functions));
      if (typeof of === 'object' && of !== null && key in of)
        return Object.entries(of).find(([k]) => k === key)?.[1];
      if (expression.optional) return null;
      throw new Error(`there is no member ${key}`);
    }
  }
}

function parse(text: string, start: number): { expression: Expression; end: number } {
  let at = start;

  function next(): RegExpExecArray | null {
    token.lastIndex = at;
    return token.exec(text);
  }
  function take(sign: string): boolean {
    const found = next();
    if (found?.[4] !== sign) return false;
    at = token.lastIndex;
    return true;
  }
  function need(sign: string): void {
    if (!take(sign)) throw new SyntaxError(`${sign} is missing at ${at}: ${text}`);
  }
  function operand(): Expression {
    const found = next();
    if (!found || found[4] !== undefined) throw new SyntaxError(`no value at ${at}: ${text}`);
    at = token.lastIndex;
    const [, quoted, number, name] = found;
    if (quoted !== undefined) return { type: 'literal', value: quoted.replaceAll("''", "'") };
    if (number !== undefined) return { type: 'literal', value: Number(number) };
    if (name === 'true' || name === 'false') return { type: 'literal', value: name === 'true' };
    if (name === 'null') return { type: 'literal', value: null };
    need('(');
    const values: Expression[] = [];
    if (!take(')')) {
      do values.push(postfix());
      while (take(','));
      need(')');
    }
    return { type: 'call', name: name ?? '', arguments: values };
  }
  function postfix(): Expression {
    let of = operand();
    for (;;) {
      const optional = take('?');
      if (take('[')) {
        of = { type: 'member', of, key: postfix(), optional };
        need(']');
      } else if (take('.')) {
        const found = next();
        if (!found?.[3]) throw new SyntaxError(`no name at ${at}: ${text}`);
        at = token.lastIndex;
        of = { type: 'member', of, key: { type: 'literal', value: found[3] }, optional };
      } else if (optional) throw new SyntaxError(`a question mark that asks nothing: ${text}`);
      else return of;
    }
  }
  return { expression: postfix(), end: at };
}
