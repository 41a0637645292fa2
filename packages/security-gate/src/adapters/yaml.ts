/**
 * YAML from outside as plain maps, lists and texts: no tags, no aliases, no duplicate keys, no numbers. The library's own
 * check for duplicate keys takes quadratic time (47 s for 20,000 keys), so ours runs instead.
 */
import { isAlias, isMap, isScalar, isSeq, type ParsedNode, parseAllDocuments } from 'yaml';

export type YamlAnswer =
  | { readonly kind: 'documents'; readonly documents: readonly unknown[] }
  | { readonly kind: 'malformed'; readonly reason: string };

const DEPTH_LIMIT = 40;
const refused = (reason: string): YamlAnswer => ({ kind: 'malformed', reason });

/** Every document of a text. Text that nests deeper than 40 levels is refused before it is built. */
export function readYaml(text: string): YamlAnswer {
  try {
    const parsed = parseAllDocuments(text, { schema: 'failsafe', uniqueKeys: false, prettyErrors: false });
    if (!Array.isArray(parsed)) return refused('no YAML document');
    const documents: unknown[] = [];
    for (const document of parsed) {
      const fault = document.errors[0]?.message ?? document.warnings[0]?.message;
      if (fault !== undefined) return refused(`not YAML: ${fault.split('\n', 1)[0] ?? ''}`);
      const built = build(document.contents, 0);
      if (typeof built === 'object' && built !== null && FAULT in built) return refused(String(built[FAULT]));
      documents.push(built);
    }
    return { kind: 'documents', documents };
  } catch (error) {
    if (error instanceof RangeError) return refused('YAML nested too deeply');
    throw error;
  }
}

const FAULT = Symbol('fault');
const fault = (reason: string): { readonly [FAULT]: string } => ({ [FAULT]: reason });

function build(node: ParsedNode | null, depth: number): unknown {
  if (node === null) return '';
  if (depth > DEPTH_LIMIT) return fault('YAML nested too deeply');
  if (isAlias(node) || node.anchor !== undefined) return fault('YAML with an anchor or an alias');
  if (isScalar(node)) return typeof node.value === 'string' ? node.value : '';
  const items: [string, unknown][] = [];
  if (isSeq(node)) {
    const list = node.items.map((item) => build(item as ParsedNode, depth + 1));
    return list.find((item) => isFault(item)) ?? list;
  }
  if (!isMap(node)) return fault('YAML of an unknown shape');
  const keys = new Set<string>();
  for (const { key, value } of node.items) {
    const name = build(key as ParsedNode, depth + 1);
    if (typeof name !== 'string') return fault('a YAML key that is no text');
    if (keys.has(name)) return fault(`the key ${name.slice(0, 80)} stands twice`);
    keys.add(name);
    const built = build(value as ParsedNode | null, depth + 1);
    if (isFault(built)) return built;
    items.push([name, built]);
  }
  return Object.fromEntries(items);
}

const isFault = (value: unknown): boolean => typeof value === 'object' && value !== null && FAULT in value;
