/** Texts that will be shown, such as the output of a failing test, with every secret in them replaced by stars. */
import { invariant } from '@gatehouse/verdict';
import { type ScanEngine, scanBatch, startEmbedded } from './engine.ts';
import { SHORTEST, WordSearch } from './text/word-search.ts';
import type { ScanFailed } from './verdict.ts';
import { FLOOD, type Hit } from './worker/protocol.ts';

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
  return { kind: 'masked', texts: texts.map((text, at) => hide(text, hitsOf.get(`text-${at}`) ?? [])) };
}

/**
 * Stars keep the length. One secret is hit once, however often it stands there. An encoded one has no exact place: its lines go, and
 * what is like its first one. Of a flood only the beginning is known, so all of it goes.
 */
function hide(text: string, hits: readonly Hit[]): string {
  if (hits.length === 0) return text;
  const flood = hits.find(({ rule }) => rule === FLOOD);
  if (flood !== undefined) return `(withheld: ${flood.why})`;
  const lines = text.split('\n');
  const starts = [0];
  for (const line of lines) starts.push((starts.at(-1) ?? 0) + line.length + 1);
  const words = new Set<string>();
  const places: Place[] = [];
  for (const { line, column, lastLine, length, encoding } of hits) {
    const start = starts[line - 1] ?? 0;
    if (encoding === 'text') words.add(text.slice(start + column - 1, start + column - 1 + length));
    else {
      words.add(lines[line - 1] ?? '');
      places.push([start, starts[lastLine] ?? text.length]);
    }
  }
  return starred(text, words, places);
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
