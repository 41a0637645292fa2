/**
 * From a word in a name to the value that the name is given, in the notations that hold secrets: `.env`, YAML, properties, INI,
 * JSON (escaped, too), XML elements and attributes, connection strings, headers, `define()`, name-and-value lists, code.
 */
export interface AssignedValue {
  /** The whole name around the word. */
  readonly name: string;
  readonly start: number;
  readonly end: number;
  readonly quoted: boolean;
}

const NAME_LIMIT = 40;
const REST = /[\w.-]{0,40}(?:[ ][A-Za-z][\w.-]{0,20}){0,2}/y;
const SPACE = String.raw`[ \t]{0,40}`;
const CLOSERS = String.raw`(?:\\{0,3}["'\x60]|\]|\)|&quot;){0,3}`;
const OPERATOR = [
  String.raw`:[ \t]{0,4}[A-Za-z_&'][\w.<>?\[\]]{0,40}(?: \| \w{1,20}){0,2}[ \t]{1,4}=[ \t]`, // a type before the value
  '={1,3}>?|:{1,2}=|:|=>|->|\\?=|\\+=|>', // `>` as in <name>value
  String.raw`,?\s{0,60}["']?value["']?\s{0,4}[:=]`, // a list of names and values
  String.raw`</\w{1,12}>\s{0,60}<\w{1,12}>`, // a name element beside a value element
  String.raw`>\s{0,60}<value>`,
  String.raw`(?<=["'\x60]),`, // define('NAME', 'value')
].join('|');
const SCHEME = '(?:(?:Bearer|Token|ApiKey|Bot)[ \\t]{1,4})?';
const OPENER = String.raw`(?:\|-?\s{1,40}|(?:[a-zA-Z@$]{0,2}(?:\\{0,3}["'\x60]|&quot;))|<!\[CDATA\[)?`;
const LEAD = new RegExp(`${CLOSERS}${SPACE}(?:${OPERATOR})${SPACE}${SCHEME}(?<opener>${OPENER})${SCHEME}`, 'y');

const BARE = /[A-Za-z0-9+/_=~@!#%^*.$:?-]{1,400}/y;
const IN_ELEMENT = /[^\s<>"'`]{1,400}/y;
const QUOTED: { readonly [quote: string]: RegExp } = {
  '"': /[^\s"\\]{1,400}/y,
  "'": /[^\s'\\]{1,400}/y,
  '`': /[^\s`\\]{1,400}/y,
  ';': /[^\s&\\]{1,400}/y, // &quot;
};

/** The same where a literal has escapes of its own: a backslash takes the sign behind it along. */
const ESCAPED: { readonly [quote: string]: RegExp } = {
  '"': /(?:[^\s"\\]|\\[^\s]){1,400}/y,
  "'": /(?:[^\s'\\]|\\[^\s]){1,400}/y,
  '`': /(?:[^\s`\\]|\\[^\s]){1,400}/y,
};

/** Where the value starts that the name around `[from, to)` is given, or null when nothing is assigned there. */
export function assignedStart(
  text: string,
  { from, to }: { readonly from: number; readonly to: number },
): { readonly name: string; readonly start: number; readonly opener: string } | null {
  REST.lastIndex = to;
  const rest = REST.exec(text)?.[0] ?? '';
  LEAD.lastIndex = to + rest.length;
  const lead = LEAD.exec(text);
  if (lead === null) return null;
  let nameFrom = from;
  while (nameFrom > 0 && from - nameFrom < NAME_LIMIT && isNameCode(text.charCodeAt(nameFrom - 1))) nameFrom -= 1;
  const name = text.slice(nameFrom, to + rest.length);
  return { name, start: LEAD.lastIndex, opener: lead.groups?.['opener'] ?? '' };
}

/** The whole value at a start, up to its closing quote or the end of what may stand unquoted; null when there is none. */
export function assignedValue(
  text: string,
  { name, start, opener }: { readonly name: string; readonly start: number; readonly opener: string },
): AssignedValue | null {
  const quote = opener.at(-1) ?? '';
  const closed = (opener.includes('\\') ? undefined : ESCAPED[quote]) ?? QUOTED[quote];
  if (closed !== undefined) {
    closed.lastIndex = start;
    const length = closed.exec(text)?.[0].length ?? 0;
    const end = start + length;
    if (length === 0 || !endsQuoted(text, end, quote)) return null;
    // `'"value"'`, as in a shell.
    const inner = length > 2 && text[start] === text[end - 1] && /["'`]/.test(text[start] ?? '') ? 1 : 0;
    return { name, start: start + inner, end: end - inner, quoted: true };
  }
  const bare = text[start - 1] === '>' || quote === '[' ? IN_ELEMENT : BARE;
  bare.lastIndex = start;
  let end = start + (bare.exec(text)?.[0].length ?? 0);
  if (end === start || /[([{]/.test(text[end] ?? '')) return null;
  if (bare === BARE) while (end > start && /[.:?,]/.test(text[end - 1] ?? '')) end -= 1;
  return { name, start, end, quoted: false };
}

/** The closing quote, behind as many backslashes as an escaped text has. */
function endsQuoted(text: string, end: number, quote: string): boolean {
  if (quote === ';') return text.startsWith('&quot;', end);
  let at = end;
  while (text[at] === '\\' && at - end < 4) at += 1;
  return text[at] === quote;
}

const isNameCode = (code: number): boolean =>
  (code >= 48 && code <= 57) ||
  (code >= 65 && code <= 90) ||
  (code >= 97 && code <= 122) ||
  code === 95 ||
  code === 45 ||
  code === 46;
