/**
 * The texts of the elements of a JSON array, of which never more than one is held. Elements are told apart by brackets and
 * strings alone: whoever reads one finds out whether it is JSON. Throws a SyntaxError for a text that is no array.
 */
export async function* elementsOf(chunks: AsyncIterable<string>): AsyncGenerator<string> {
  // Wide, for the compiler does not see that it changes between two chunks.
  let state = 'before' as 'before' | 'inside' | 'after';
  let depth = 0;
  let isText = false;
  let isEscaped = false;
  let element = '';
  for await (const chunk of chunks) {
    let start = 0;
    for (let at = 0; at < chunk.length; at++) {
      const character = chunk[at] ?? '';
      if (state !== 'inside') {
        if (/[\s\uFEFF]/.test(character)) continue;
        if (state === 'after' || character !== '[') throw new SyntaxError('the file is no JSON array');
        state = 'inside';
        start = at + 1;
      } else if (isText) {
        if (isEscaped) isEscaped = false;
        else if (character === '\\') isEscaped = true;
        else if (character === '"') isText = false;
      } else if (character === '"') isText = true;
      else if (character === '[' || character === '{') depth++;
      else if ((character === ']' || character === '}') && depth > 0) depth--;
      else if ((character === ',' || character === ']') && depth === 0) {
        element += chunk.slice(start, at);
        start = at + 1;
        if (character === ']') state = 'after';
        if (element.trim() !== '') yield element.trim();
        else if (character === ',') throw new SyntaxError('an element is empty');
        element = '';
      }
    }
    if (state === 'inside') element += chunk.slice(start);
  }
  if (state !== 'after') throw new SyntaxError('the array breaks off');
}
