/**
 * Walks an XML document that a hostile program may have written: no entity is ever expanded but the five of XML
 * itself, a document type is refused, nesting is bounded, and the time grows with the length alone.
 */

export interface XmlListener {
  open(name: string, attributes: ReadonlyMap<string, string>): void;
  text(text: string): void;
  close(name: string): void;
}

const NAME = /[A-Za-z_:][\w:.-]*/y;
const ATTRIBUTE = /\s+([A-Za-z_:][\w:.-]*)\s*=\s*(?:"([^"]*)"|'([^']*)')/y;
const TAG_END = /\s*(\/?)>/y;
const MAX_DEPTH = 100;
const ENDS_EARLY = 'it ends in the middle';

/** Reports to the listener what stands in the document. Null: it is well formed; otherwise why it is not. */
export function scanXml(text: string, listener: XmlListener): string | null {
  const open: string[] = [];
  let roots = 0;
  let at = 0;
  while (at < text.length) {
    const mark = text.indexOf('<', at);
    const words = text.slice(at, mark === -1 ? text.length : mark);
    if (open.length > 0) listener.text(withoutEntities(words));
    else if (words.trim() !== '') return 'there is text outside of its root element';
    if (mark === -1) break;
    const passage = passageAt(text, mark);
    if (passage.kind === 'bad') return passage.reason;
    at = passage.end;
    if (passage.kind === 'raw') listener.text(passage.text);
    if (passage.kind === 'open') {
      roots += open.length === 0 ? 1 : 0;
      if (roots > 1 || open.length >= MAX_DEPTH) return 'it has a second root element or is nested too deeply';
      listener.open(passage.name, passage.attributes);
      if (passage.isEmpty) listener.close(passage.name);
      else open.push(passage.name);
    }
    if (passage.kind === 'close') {
      if (open.pop() !== passage.name) return `</${passage.name.slice(0, 50)}> closes what is not open`;
      listener.close(passage.name);
    }
  }
  if (open.length > 0) return ENDS_EARLY;
  return roots === 1 ? null : 'it has no root element';
}

type Passage =
  | { readonly kind: 'bad'; readonly reason: string }
  | { readonly kind: 'nothing'; readonly end: number }
  | { readonly kind: 'raw'; readonly end: number; readonly text: string }
  | { readonly kind: 'close'; readonly end: number; readonly name: string }
  | {
      readonly kind: 'open';
      readonly end: number;
      readonly name: string;
      readonly attributes: ReadonlyMap<string, string>;
      readonly isEmpty: boolean;
    };

/** What begins at a `<`. */
function passageAt(text: string, at: number): Passage {
  if (text.startsWith('<!--', at)) return until(text, at + 4, '-->');
  if (text.startsWith('<?', at)) return until(text, at + 2, '?>');
  if (text.startsWith('<![CDATA[', at)) {
    const { end, ...rest } = { end: 0, ...until(text, at + 9, ']]>') };
    return rest.kind === 'bad' ? rest : { kind: 'raw', end, text: text.slice(at + 9, end - 3) };
  }
  if (text.startsWith('<!', at)) return { kind: 'bad', reason: 'it declares a document type, which is refused' };
  if (text.startsWith('</', at)) {
    const end = text.indexOf('>', at);
    return end === -1 ? TORN : { kind: 'close', end: end + 1, name: text.slice(at + 2, end).trimEnd() };
  }
  return tagAt(text, at + 1);
}

const TORN: Passage = { kind: 'bad', reason: ENDS_EARLY };

function until(text: string, from: number, mark: string): Extract<Passage, { kind: 'bad' | 'nothing' }> {
  const found = text.indexOf(mark, from);
  return found === -1 ? { kind: 'bad', reason: ENDS_EARLY } : { kind: 'nothing', end: found + mark.length };
}

function tagAt(text: string, at: number): Passage {
  const name = matchAt(NAME, text, at)?.[0];
  if (name === undefined) return { kind: 'bad', reason: 'a `<` begins no tag' };
  const attributes = new Map<string, string>();
  let end = at + name.length;
  for (;;) {
    const attribute = matchAt(ATTRIBUTE, text, end);
    if (attribute === null) break;
    attributes.set(attribute[1] ?? '', withoutEntities(attribute[2] ?? attribute[3] ?? ''));
    end += attribute[0].length;
  }
  const closing = matchAt(TAG_END, text, end);
  if (closing === null) return { kind: 'bad', reason: `the tag <${name.slice(0, 50)} is torn or malformed` };
  return { kind: 'open', end: end + closing[0].length, name, attributes, isEmpty: closing[1] === '/' };
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

const ENTITY = /&(?:#x([0-9a-fA-F]{1,6})|#(\d{1,7})|(lt|gt|amp|quot|apos));/g;
const NAMED: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

/** One pass: what an entity stands for is not read again. */
function withoutEntities(text: string): string {
  return text.replace(ENTITY, (whole: string, ...[hex, decimal, named]: readonly (string | undefined)[]) => {
    if (named !== undefined) return NAMED[named] ?? whole;
    const point = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
    return point > 0x10ffff ? whole : String.fromCodePoint(point);
  });
}
