/**
 * One pass over a report: detect the format, feed its reader, hash what was read.
 * Bounded in size, memory and time; a report that breaks a bound is unreadable as a whole, never half believed.
 */
import { createHash, type Hash } from 'node:crypto';
import { bytesSource, openReport, type ReportBytes, type ReportSource } from './adapters/report-source.ts';
import { beginsJson, IN_PLACE_BYTES, readInThread } from './adapters/report-thread.ts';
import { eachInTurns, type InTurns, inTurns } from './adapters/turns.ts';
import { detectFormat, HEAD_BYTES, noFormat, type ReportFormat } from './readers/detect-format.ts';
import { FORMATS } from './readers/report-formats.ts';
import {
  type AskingReader,
  countLines,
  DEFAULT_LIMITS,
  type FedReader,
  type ReadLimits,
  ReportLines,
} from './readers/report-lines.ts';
import type { ReadReport, UnreadableReport } from './verdict.ts';

/** How a report is to be read. */
export interface ReadOptions {
  /** Without it the format is detected from the content. */
  readonly format?: ReportFormat;
  /** What the report may cost; the rest is as by default. */
  readonly limits?: Partial<ReadLimits>;
}

interface Hashes {
  readonly sha256: Hash;
  readonly gitBlob: Hash | null;
}

/** Read at once, and then understood: some thousand small files, a few milliseconds. */
export const CHUNK_BYTES: number = 2 ** 19;
const UNKNOWN_FORMAT = `its format is not known: it is none of ${Object.values(FORMATS)
  .map(({ says }) => says)
  .join(', ')}`;

/**
 * Reads the report at a path or in memory. Summaries a tool printed are not believed; duplicate records are a union.
 * `unreadable`: missing, not a regular file, an unknown format, broken, or beyond a limit.
 */
export async function readReport(
  from: string | ReportBytes,
  options: ReadOptions = {},
): Promise<ReadReport | UnreadableReport> {
  if (typeof from !== 'string') return readSource(bytesSource(from), options);
  const opened = await openReport(from);
  switch (opened.kind) {
    case 'missing':
      return unreadable('there is no such file');
    case 'not-a-file':
      return unreadable(opened.reason);
    case 'opened':
      return readSource(opened.source, options);
  }
}

/** Of the gate itself, which must know whether a report is a copy of a file in the commit. */
export interface SourceOptions extends ReadOptions {
  /** What the repository names its objects by. */
  readonly gitHash?: 'sha1' | 'sha256';
}

/**
 * The same for a source that is already open, which it closes, and off the event loop: JSON is read in one go, since it nests, and a
 * service has other things to do meanwhile. Other formats wait for each mebibyte.
 */
export async function readSourceAside(
  source: ReportSource,
  options: SourceOptions,
): Promise<ReadReport | UnreadableReport> {
  const { fd, size } = source;
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const isQuick = fd === null || size <= IN_PLACE_BYTES || size > limits.maxJsonBytes || !beginsJson(fd);
  if (isQuick) return readSource(source, options);
  try {
    return await readInThread({ fd, size, options }, limits.timeoutMs);
  } finally {
    await source.close();
  }
}

/** The same for a source that is already open; closes it. */
export async function readSource(source: ReportSource, options: SourceOptions): Promise<ReadReport | UnreadableReport> {
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  try {
    if (source.size > limits.maxBytes) return unreadable(`it has more than ${limits.maxBytes} bytes`);
    return await scan(source, limits, options);
  } finally {
    await source.close();
  }
}

async function scan(
  source: ReportSource,
  limits: ReadLimits,
  { format, gitHash }: SourceOptions,
): Promise<ReadReport | UnreadableReport> {
  const lines = new ReportLines(limits);
  const hashes: Hashes = {
    sha256: createHash('sha256'),
    gitBlob: gitHash === undefined ? null : createHash(gitHash).update(`blob ${source.size}\0`),
  };
  const window = new Window(source, hashes);
  await window.fill(HEAD_BYTES);
  const detected = format ?? detectFormat(window.bytes.subarray(0, window.end));
  if (detected === null) return unreadable(noFormat(window.bytes.subarray(0, window.end)) ?? UNKNOWN_FORMAT);
  const reader = FORMATS[detected].reader(lines);
  const bounds = { lines, limits, until: performance.now() + limits.timeoutMs };
  switch (reader.kind) {
    case 'is-fed':
      await feedAll(window, reader, bounds);
      break;
    case 'asks':
      answerAll(window, reader, bounds);
  }
  return lines.fault === null ? inTurns(summarise(detected, lines, hashes)) : unreadable(lines.fault);
}

interface Bounds {
  readonly lines: ReportLines;
  readonly limits: ReadLimits;
  readonly until: number;
}

async function feedAll(window: Window, reader: FedReader, { lines, limits, until }: Bounds): Promise<void> {
  for (;;) {
    const done = reader.feed(window.bytes, window.end, window.ended);
    if (lines.fault !== null || window.ended) return;
    window.drop(done);
    if (window.end > limits.maxUnitBytes) lines.refuse(`one unit of it has more than ${limits.maxUnitBytes} bytes`);
    if (window.total > limits.maxBytes) lines.refuse(`it has more than ${limits.maxBytes} bytes`);
    if (performance.now() > until) lines.refuse(`reading it took longer than ${limits.timeoutMs} ms`);
    if (lines.fault !== null) return;
    await window.fill(CHUNK_BYTES);
  }
}

function answerAll(window: Window, reader: AskingReader, { lines, limits, until }: Bounds): void {
  const isTooLong = (bytes: number): boolean => {
    if (bytes > limits.maxJsonBytes) lines.refuse(`one unit of it has more than ${limits.maxJsonBytes} bytes`);
    return lines.fault !== null;
  };
  if (isTooLong(window.size)) return;
  reader.read({
    get bytes() {
      return window.bytes;
    },
    get end() {
      return window.end;
    },
    more: (keep) => {
      window.drop(keep);
      if (isTooLong(window.total)) return false;
      if (performance.now() > until) lines.refuse(`reading it took longer than ${limits.timeoutMs} ms`);
      return lines.fault === null && window.fillNow(CHUNK_BYTES);
    },
  });
}

function* summarise(format: ReportFormat, lines: ReportLines, { sha256, gitBlob }: Hashes): InTurns<ReadReport> {
  let covered = 0;
  let total = 0;
  yield* eachInTurns(lines.files.values(), (set) => {
    const counts = countLines(set);
    covered += counts.covered;
    total += counts.total;
  });
  const diagnostics: string[] = [];
  if (lines.rejected > 0) diagnostics.push(`${lines.rejected} records have no believable file or line`);
  if (lines.malformed > 0) diagnostics.push(`${lines.malformed} counts are no numbers and stand for uncovered`);
  if (lines.totalsOnly) diagnostics.push('the report holds totals only: which lines ran is not known');
  if (lines.truncated) diagnostics.push('the report ends before its end mark');
  return {
    kind: 'read',
    format,
    files: lines.files,
    sources: lines.sources,
    modules: lines.modules,
    title: lines.title,
    covered,
    total,
    rejected: lines.rejected,
    malformed: lines.malformed,
    truncated: lines.truncated,
    totalsOnly: lines.totalsOnly,
    sha256: sha256.digest('hex'),
    ...(gitBlob === null ? {} : { gitBlob: gitBlob.digest('hex') }),
    diagnostics,
  };
}

const unreadable = (reason: string): UnreadableReport => ({ kind: 'unreadable', reason });

/** The bytes that are read but not yet understood. Without separators it only grows as far as the unit limit. */
class Window {
  bytes: Buffer;
  end = 0;
  total = 0;
  ended = false;
  readonly #source: ReportSource;
  readonly #hashes: Hashes;

  constructor(source: ReportSource, hashes: Hashes) {
    this.#source = source;
    this.#hashes = hashes;
    this.bytes = Buffer.allocUnsafe(Math.min(source.size, CHUNK_BYTES) + HEAD_BYTES);
  }

  get size(): number {
    return this.#source.size;
  }

  /** Reads up to `most` more bytes, and not many more than the source still has; sets `ended` when there are none. */
  async fill(most: number): Promise<void> {
    const target = this.#room(most);
    while (this.end < target && !this.ended) {
      this.#took(await this.#source.read(this.bytes.subarray(0, target), this.end));
    }
    this.#dropMark();
  }

  /** The same without waiting; false when there were none. */
  fillNow(most: number): boolean {
    const before = this.end;
    const target = this.#room(most);
    while (this.end < target && !this.ended) {
      this.#took(this.#source.readNow(this.bytes.subarray(0, target), this.end));
    }
    return this.end > before;
  }

  /** Where the next bytes may end; a buffer for a whole chunk costs more than reading a small report. */
  #room(most: number): number {
    const amount = Math.min(most, Math.max(this.#source.size - this.total, 0) + HEAD_BYTES);
    if (this.end + amount > this.bytes.length) this.#resize(Math.max(2 * this.bytes.length, this.end + amount));
    return this.end + amount;
  }

  #took(count: number): void {
    const part = this.bytes.subarray(this.end, this.end + count);
    this.#hashes.sha256.update(part);
    this.#hashes.gitBlob?.update(part);
    this.end += count;
    this.total += count;
    this.ended = count === 0;
  }

  /** A byte order mark at the very start says nothing here. */
  #dropMark(): void {
    const isStart = this.total === this.end;
    if (isStart && this.bytes[0] === 0xef && this.bytes[1] === 0xbb && this.bytes[2] === 0xbf) this.drop(3);
  }

  drop(count: number): void {
    if (count > 0) this.bytes.copy(this.bytes, 0, count, this.end);
    this.end -= count;
  }

  #resize(size: number): void {
    const bigger = Buffer.allocUnsafe(size);
    this.bytes.copy(bigger, 0, 0, this.end);
    this.bytes = bigger;
  }
}
