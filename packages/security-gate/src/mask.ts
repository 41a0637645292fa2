/** Texts that will be shown, such as the output of a failing test, with every secret in them replaced by stars. */
import { invariant } from '@gatehouse/verdict';
import { type ScanEngine, scanBatch, startEmbedded } from './engine.ts';
import { SHORTEST, WordSearch } from './text/word-search.ts';
import type { ScanFailed } from './verdict.ts';
import { type CodedLines, FLOOD, type Hit } from './worker/protocol.ts';

/** Request of `maskSecrets`. */
export interface MaskRequest {
  /** The texts that are to be shown. */
  readonly texts: readonly string[];
  /** Ends the call early; what was started is ended, too. */
  readonly signal?: AbortSignal;
}

/** The texts in their order. `tool-failed` says nothing about them: show none. */
export type Masked =
  | {
      readonly kind: 'masked';
      /** The texts with each secret replaced. */
      readonly texts: readonly string[];
    }
  | ScanFailed;

/** Masks with the rules of a scan, wherever a secret came from: known in base or allowed makes no difference here. */
export async function mask({ texts, signal }: MaskRequest): Promise<Masked> {
  invariant(Array.isArray(texts) && texts.every((text) => typeof text === 'string'), 'texts are texts');
  const stop = new AbortController();
  const engine = startEmbedded(signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal]));
  try {
    return await maskWith(texts, engine);
  } finally {
    await engine.close();
  }
}

async function maskWith(texts: readonly string[], engine: ScanEngine): Promise<Masked> {
  const items = texts.map((text, at) => ({ id: `text-${at}`, bytes: Buffer.from(text.toWellFormed()) }));
  const answer = await scanBatch(engine, items);
  if (answer.kind === 'tool-failed') return answer;
  const hitsOf = Map.groupBy(answer.hits, ({ id }) => id);
  const of = texts.map((text, at) => ({ text, hits: hitsOf.get(`text-${at}`) ?? [] }));
  // What one text shows to be a secret is one in all of them.
  const words = new Set(of.flatMap(({ text, hits }) => wordsOf(text, hits)));
  return { kind: 'masked', texts: of.map(({ text, hits }) => hide(text, hits, words)) };
}

/** The secrets that stand in a text as they are. */
function wordsOf(text: string, hits: readonly Hit[]): readonly string[] {
  const starts = lineStarts(text);
  return hits
    .filter(({ encoding, rule }) => encoding === 'text' && rule !== FLOOD)
    .map(({ line, column, length }) =>
      text.slice((starts[line - 1] ?? 0) + column - 1, (starts[line - 1] ?? 0) + column - 1 + length),
    );
}

/** Where each line begins, and where the last one ends. */
function lineStarts(text: string): readonly number[] {
  const starts = [0];
  for (const line of text.split('\n')) starts.push((starts.at(-1) ?? 0) + line.length + 1);
  return starts;
}

/**
 * Stars keep the length. One that is coded has no exact place: its lines go. So do those of a private key, of which a finding names the
 * first. Of a flood only the beginning is known, so all of it goes.
 */
function hide(text: string, hits: readonly Hit[], words: ReadonlySet<string>): string {
  const flood = hits.find(({ rule }) => rule === FLOOD);
  if (flood !== undefined) return `(withheld: ${flood.why})`;
  if (hits.length === 0 && words.size === 0) return text;
  const starts = lineStarts(text);
  const lines = hits.flatMap((hit) => [...hit.coded, ...keyLines(text, hit)]);
  const places = lines.map(({ line, lastLine }): Place => [starts[line - 1] ?? 0, starts[lastLine] ?? text.length]);
  return starred(text, words, places);
}

/** Rules that name the beginning of something longer. */
const KEYS: readonly string[] = ['secret/private-key', 'secret/privatekey', 'secret/putty-key', 'secret/openvpn-key'];
const MOST_LINES = 400;
/** A line of a key, behind whatever a log or a diff puts before it, and before what a literal has behind it. */
const OF_A_KEY =
  /[A-Za-z0-9+/=]{16,}[\s"'`,;+.\\nr]*$|^[^A-Za-z0-9+/]*[A-Za-z0-9+/]{1,15}={0,2}[\s"'`,;+.\\nr]*$|[A-Z][\w-]+: /;

/** The lines of the key that a hit is the beginning of: to its end, or as far as lines look like it. */
function keyLines(text: string, { rule, line }: Hit): readonly CodedLines[] {
  if (!KEYS.includes(rule)) return [];
  const lines = text.split('\n').slice(line - 1, line - 1 + MOST_LINES);
  const end = lines.findIndex((one, at) => /-----END |Private-MAC/.test(one) || (at > 0 && /-----BEGIN /.test(one)));
  const isEnded = end >= 0 && !/-----BEGIN /.test(end > 0 ? (lines[end] ?? '') : '');
  if (isEnded) return [{ line, lastLine: line + end }];
  const other = lines.findIndex((one, at) => at > 0 && !OF_A_KEY.test(one));
  return [{ line, lastLine: line + (other < 0 ? lines.length : other) - 1 }];
}

type Place = readonly [from: number, to: number];

/** The text with these places, and every place of the words, behind stars. */
function starred(text: string, words: ReadonlySet<string>, known: readonly Place[]): string {
  const places: Place[] = [...known];
  new WordSearch(words).scan(text, (word, at) => places.push([at, at + word.length]));
  for (const word of words)
    if (word !== '' && word.length < SHORTEST)
      for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) places.push([at, at + word.length]);
  const parts: string[] = [];
  let shown = 0;
  for (const [from, to] of places.sort(([a], [b]) => a - b)) {
    if (to <= shown) continue;
    const start = Math.max(from, shown);
    parts.push(text.slice(shown, start), text.slice(start, to).replace(/[^\n]/g, '*'));
    shown = to;
  }
  return parts.join('') + text.slice(shown);
}
