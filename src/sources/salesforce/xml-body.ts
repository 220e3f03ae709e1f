import { SaxesParser } from 'saxes';
import { MalformedDelivery } from '../kind.ts';
import { decodeUtf8 } from '../shared/utf8.ts';

/** SOAP messages have about eight levels. */
const maxDepth = 20;

export interface XmlElement {
  /** Without the prefix. */
  readonly name: string;
  /** The URI; "" for none. */
  readonly namespace: string;
  /** By namespace and name: `{uri}name`. */
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly XmlElement[];
  /** The element's own text, without that of its children. */
  readonly text: string;
}

interface OpenElement extends XmlElement {
  readonly children: XmlElement[];
  text: string;
}

/**
 * Reads an XML body: UTF-8 and well-formed, at most 20 levels deep, its root. No document type is accepted, so there are
 * no entities but the five of XML itself, and nothing is ever fetched or expanded.
 * Throws {@link MalformedDelivery}, whose message holds nothing of the body.
 */
export function parseXml(body: Uint8Array): XmlElement {
  const parser = new SaxesParser({ xmlns: true, position: false });
  const open: OpenElement[] = [];
  let root: XmlElement | undefined;

  parser.on('xmldecl', ({ encoding = 'utf-8' }) => {
    if (encoding.toLowerCase() !== 'utf-8') throw new MalformedDelivery('The XML must be UTF-8.');
  });
  parser.on('doctype', () => {
    throw new MalformedDelivery('The XML must not have a document type (DTD).');
  });
  parser.on('opentag', ({ local, uri, attributes }) => {
    if (open.length >= maxDepth) {
      throw new MalformedDelivery(`The XML is nested deeper than ${maxDepth} levels.`);
    }
    const values = Object.values(attributes).map((attribute): [string, string] => [
      `{${attribute.uri}}${attribute.local}`,
      attribute.value,
    ]);
    const element = { name: local, namespace: uri, attributes: new Map(values), children: [], text: '' };
    open.at(-1)?.children.push(element);
    root ??= element;
    open.push(element);
  });
  const addText = (text: string) => {
    const element = open.at(-1);
    if (element) element.text += text;
  };
  parser.on('text', addText);
  parser.on('cdata', addText);
  parser.on('closetag', () => {
    open.pop();
  });

  try {
    // Without a listener for `error` the parser throws at the first one.
    parser.write(decodeUtf8(body)).close();
  } catch (error) {
    if (error instanceof MalformedDelivery) throw error;
    throw new MalformedDelivery('The body is not well-formed XML.', { cause: error });
  }
  if (!root) throw new MalformedDelivery('The body is not well-formed XML.');
  return root;
}

/** Whether a body can only be XML: the first character that counts is `<`. */
export function looksLikeXml(body: Uint8Array): boolean {
  return /^(\xef\xbb\xbf)?\s*</.test(Buffer.from(body.subarray(0, 200)).toString('latin1'));
}
