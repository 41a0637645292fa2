/** The attributes of one tag that names a file or a folder. Only predefined and numeric references are resolved. */

const ATTRIBUTE = /\s+([^\s=<>"'/]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/y;
const REFERENCE = /&(?:#(\d{1,7})|#x([\da-f]{1,6})|(lt|gt|amp|quot|apos));/gi;
const NAMED: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

/** Takes what stands between an element's name and the end of its tag; null when that is no list of attributes. */
export function readAttributes(text: string): ReadonlyMap<string, string> | null {
  const attributes = new Map<string, string>();
  let at = 0;
  for (;;) {
    ATTRIBUTE.lastIndex = at;
    const found = ATTRIBUTE.exec(text);
    if (found === null) return text.slice(at).trim() === '' ? attributes : null;
    const name = found[1] ?? '';
    if (attributes.has(name)) return null;
    attributes.set(name, resolveReferences(found[2] ?? found[3] ?? ''));
    at = ATTRIBUTE.lastIndex;
  }
}

/** Text of a report as it is meant. */
export const resolveReferences = (text: string): string => text.replace(REFERENCE, resolve);

/** As `replace` calls it: the match, then its groups. */
function resolve(whole: string, ...[decimal, hex, name]: readonly (string | undefined)[]): string {
  if (name !== undefined) return NAMED[name] ?? whole;
  const code = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal);
  return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole;
}
