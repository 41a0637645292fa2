/**
 * The scanner's whole state and work: the only place that ever holds a secret as text. It lives in a worker thread, so
 * that no pattern can stop the caller's event loop, and dies with it.
 */
import { createHmac, randomBytes, scrypt } from 'node:crypto';
import { promisify } from 'node:util';
import { openArchive } from '../adapters/archive.ts';
import { runSecretlint, stopProfiling } from '../adapters/secretlint.ts';
import { dedupeMatches } from '../rules/dedupe-matches.ts';
import { whyItCounts } from '../rules/pack.ts';
import { type Match, runOwnRules } from '../rules/run-rules.ts';
import { isExample, isNoSecret } from '../rules/stand-in.ts';
import { chunks } from '../text/chunks.ts';
import { positions } from '../text/position.ts';
import { type View, views } from '../text/views.ts';
import { readGitleaks } from './gitleaks-report.ts';
import { KnownSearch } from './known.ts';
import {
  type Adoption,
  type CodedLines,
  FLOOD,
  type Hit,
  type Opaque,
  type Order,
  type Reply,
  type ScanItem,
  type WantedSecret,
} from './protocol.ts';

/** Places in codes that are told of one secret. */
const CODED_LIMIT = 100_000;
/** Distinct secrets reported of one item; beyond it the item is a flood, which is a finding of its own. */
const ITEM_LIMIT = 50_000;
const COMPRESSED = ['504b0304', '1f8b', '425a68', 'fd377a585a00', '28b52ffd', '377abcaf271c', '52617221', '25504446'];
const derive: (
  secret: string,
  salt: string,
  length: number,
  options: { N: number; r: number; p: number },
) => Promise<unknown> = promisify(scrypt);

export class Scanner {
  readonly #runKey = randomBytes(32);
  readonly #secrets = new Map<string, string>();
  /** Texts of the secrets in each item of the last scan. */
  readonly #found = new Map<string, string[]>();
  #search: KnownSearch | null = null;

  constructor() {
    stopProfiling();
  }

  /** Carries out one order. */
  async obey(order: Order): Promise<Reply> {
    switch (order.kind) {
      case 'scan':
        return this.#scan(order.items);
      case 'adopt':
        return this.#adopt(order);
      case 'known':
        return this.#known(order.texts);
      case 'fingerprint':
        return {
          kind: 'fingerprinted',
          fingerprints: await Promise.all(order.wanted.map((one) => this.#fingerprint(one))),
        };
    }
  }

  async #scan(items: readonly ScanItem[]): Promise<Reply> {
    const hits: Hit[] = [];
    const opaque: Opaque[] = [];
    this.#found.clear();
    for (const item of items) {
      hits.push(...(await this.#scanItem(item)));
      const reason = whyOpaque(item.bytes);
      if (reason !== null) opaque.push({ id: item.id, reason });
    }
    return { kind: 'scanned', ids: items.map(({ id }) => id), hits, opaque };
  }

  async #scanItem({ id, bytes }: ScanItem): Promise<Hit[]> {
    const seen = new Map<string, Hit & { readonly coded: CodedLines[] }>();
    const places = new Map<string, string>();
    const names = new Map<string, string>();
    let plain = '';
    for (const view of allViews(bytes)) {
      if (view.encoding === 'text') plain = view.text;
      const locate = view.encoding === 'archive' ? atTheBeginning : positions(view.origin);
      const isPlain = plainReader(view, plain);
      for await (const match of matchesOf(view)) {
        const text = view.text.slice(match.start, match.end);
        const { line, column } = locate(view.place(match.start));
        const isCoded = view.encoding !== 'text';
        const lines = { line, lastLine: isCoded ? locate(view.end(match.end)).line : line };
        // The same value with its escapes read is not another one.
        const where = `${line}:${column}`;
        const before = view.isExact ? places.get(where) : undefined;
        const secret = before ?? names.get(text) ?? this.#nameOf(text);
        if (before === undefined) names.set(text, secret);
        if (view.isExact) places.set(where, secret);
        const known = seen.get(secret);
        if (known !== undefined) {
          const isSeen = isCoded && known.encoding === 'text' && isPlain({ line, secret: text, match });
          if (!isCoded || isSeen || known.coded.length > CODED_LIMIT) continue;
          // Whoever hides them hides all that follows.
          known.coded.push(known.coded.length < CODED_LIMIT ? lines : { line, lastLine: Number.MAX_SAFE_INTEGER });
          continue;
        }
        const place = { line, column, length: text.length, encoding: view.encoding };
        if (seen.size >= ITEM_LIMIT) {
          const why = `one object holds more than ${ITEM_LIMIT} secrets`;
          return [...seen.values(), { id, rule: FLOOD, why, secret, ...place, coded: [] }];
        }
        this.#remember(id, secret, text);
        const why = match.why ?? whyItCounts(match.rule);
        seen.set(secret, { id, rule: match.rule, why, secret, ...place, coded: isCoded ? [lines] : [] });
      }
    }
    return [...seen.values()];
  }

  readonly #nameOf = (text: string): string =>
    createHmac('sha256', this.#runKey).update(text).digest('hex').slice(0, 32);

  #remember(id: string, secret: string, text: string): void {
    this.#secrets.set(secret, text);
    const known = this.#found.get(id);
    if (known === undefined) this.#found.set(id, [text]);
    else known.push(text);
  }

  /** Two scanners draw a secret's ends differently: what holds another's, or is held by it, is the same. */
  #adopt({ ids, report }: Adoption): Reply {
    const read = readGitleaks(report, ids);
    if (read.kind === 'malformed') return { kind: 'engine-failed', reason: read.reason };
    const hits: Hit[] = [];
    for (const { id, rule, text, line, column } of read.matches) {
      const known = this.#found.get(id) ?? [];
      if (isExample(text) || isNoSecret(text) || known.some((one) => one.includes(text) || text.includes(one)))
        continue;
      const secret = this.#nameOf(text);
      this.#remember(id, secret, text);
      const why = `gitleaks' rule ${rule}`;
      const place = { line, column, length: text.length, encoding: 'text', coded: [] } as const;
      hits.push({ id, rule: `gitleaks/${rule}`, why, secret, ...place });
    }
    return { kind: 'adopted', hits };
  }

  #known(texts: readonly Uint8Array[]): Reply {
    this.#search ??= new KnownSearch(this.#secrets);
    for (const bytes of texts)
      for (const { encoding, text } of allViews(bytes))
        this.#search.scan(encoding === 'text' ? Buffer.from(bytes) : Buffer.from(text, 'utf8'));
    return { kind: 'known', secrets: [...this.#search.found] };
  }

  /** A slow one-way function of the secret, salted with its place. Why: README, "Fingerprints". */
  async #fingerprint({ secret, rule, path }: WantedSecret): Promise<string> {
    const text = this.#secrets.get(secret);
    if (text === undefined) return '';
    const digest = await derive(text, `gatehouse secret fingerprint 1\0${rule}\0${path}`, 10, {
      N: 16_384,
      r: 8,
      p: 1,
    });
    return `fp1:${Buffer.from(digest as Uint8Array).toString('hex')}`;
  }
}

/** Whether people see a secret of a reading there as it is; a reading without what nobody sees has all the others, too. */
function plainReader(view: View, plain: string) {
  const isBare = view.encoding === 'invisible-characters' && view.text === view.origin;
  const lines = isBare ? [plain, view.text].map((text) => text.split('\n')) : [];
  const known = new Map<string, boolean>();
  return ({
    line,
    secret,
    match,
  }: {
    readonly line: number;
    readonly secret: string;
    readonly match: Match;
  }): boolean => {
    if (view.isExact) return plain.startsWith(secret, view.place(match.start));
    if (!isBare) return false;
    const key = `${line} ${secret}`;
    const times = lines.map((all) => (known.has(key) ? 0 : (all[line - 1] ?? '').split(secret).length));
    const isSame = known.get(key) ?? times[0] === times[1];
    known.set(key, isSame);
    return isSame;
  };
}

const atTheBeginning = (): { line: number; column: number } => ({ line: 1, column: 1 });

/** Own rules see the whole text in one pass; those of the embedded engine see the pieces in which a word of theirs stands. */
async function* matchesOf({ text, bytes }: View): AsyncGenerator<Match> {
  const { matches, hints } = runOwnRules(text, bytes);
  const found = [...matches];
  if (hints.length > 0)
    for (const chunk of chunks(text)) {
      const near = hints.filter(({ at }) => at >= chunk.start && at < chunk.start + chunk.text.length);
      if (near.length === 0) continue;
      for (const { rule, start, end } of await runSecretlint(chunk.text, new Set(near.map(({ rule }) => rule)))) {
        const at = chunk.start + start;
        if (at >= chunk.from && at < chunk.to) found.push({ rule, start: at, end: chunk.start + end });
      }
    }
  yield* dedupeMatches(text, found);
}

/** Readings of the bytes and, where they are an archive, of its members; those have no place but the archive's beginning. */
function* allViews(bytes: Uint8Array): Generator<View> {
  yield* views(bytes);
  for (const member of openArchive(bytes)?.members ?? [])
    for (const view of views(member))
      yield { ...view, encoding: 'archive', place: () => 0, end: () => 0, isExact: false };
}

function whyOpaque(bytes: Uint8Array): Opaque['reason'] | null {
  const head = Buffer.from(bytes.subarray(0, 120));
  if (head.toString('latin1').startsWith('version https://git-lfs.')) return 'lfs-pointer';
  if (openArchive(bytes)?.whole === true) return null;
  return COMPRESSED.some((magic) => head.toString('hex').startsWith(magic)) ? 'compressed' : null;
}
