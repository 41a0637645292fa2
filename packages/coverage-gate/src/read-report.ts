/**
 * One pass over a report: detect the format, feed its reader, hash what was read.
 * Bounded in size, memory and time; a report that breaks a bound is unreadable as a whole, never half believed.
 */
import { createHash, type Hash } from 'node:crypto';
import { bytesSource, openReport, type ReportBytes, type ReportSource } from './adapters/report-source.ts';
import { detectFormat, HEAD_BYTES, type ReportFormat } from './readers/detect-format.ts';
import { FORMATS } from './readers/report-formats.ts';
import { countLines, DEFAULT_LIMITS, type ReadLimits, ReportLines, type ReportReader } from './readers/report-lines.ts';
import type { ReadReport, UnreadableReport } from './verdict.ts';

/** How a report is to be read. */
export interface ReadOptions {
  /** Without it the format is detected from the content. */
  readonly format?: ReportFormat;
  /** What the report may cost; the rest is as by default. */
  readonly limits?: Partial<ReadLimits>;
}

const CHUNK_BYTES = 2 ** 20;
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

/** The same for a source that is already open; closes it. */
export async function readSource(source: ReportSource, options: ReadOptions): Promise<ReadReport | UnreadableReport> {
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  try {
    if (source.size > limits.maxBytes) return unreadable(`it has more than ${limits.maxBytes} bytes`);
    return await scan(source, limits, options.format);
  } finally {
    await source.close();
  }
}

async function scan(
  source: ReportSource,
  limits: ReadLimits,
  format: ReportFormat | undefined,
): Promise<ReadReport | UnreadableReport> {
  const lines = new ReportLines(limits);
  const hashes = { sha256: createHash('sha256'), gitBlob: createHash('sha1').update(`blob ${source.size}\0`) };
  const window = new Window(source, hashes);
  await window.fill(HEAD_BYTES);
  const detected = format ?? detectFormat(window.bytes.subarray(0, window.end));
  if (detected === null) return unreadable(window.end === 0 ? 'it is empty' : UNKNOWN_FORMAT);
  const reader = FORMATS[detected].reader(lines);
  const fault = await feedAll(window, reader, { lines, limits });
  if (fault !== null) return unreadable(fault);
  return summarise(detected, lines, hashes);
}

/** Answers why the report is refused, or null. */
async function feedAll(
  window: Window,
  reader: ReportReader,
  { lines, limits }: { readonly lines: ReportLines; readonly limits: ReadLimits },
): Promise<string | null> {
  const deadline = performance.now() + limits.timeoutMs;
  const unitLimit = reader.wholeDocument ? limits.maxJsonBytes : limits.maxUnitBytes;
  if (reader.wholeDocument) window.reserve(unitLimit);
  for (;;) {
    const done = reader.feed(window.bytes, window.end, window.ended);
    if (lines.fault !== null) return lines.fault;
    if (window.ended) return null;
    window.drop(done);
    if (window.end > unitLimit) return `one unit of it has more than ${unitLimit} bytes`;
    if (window.total > limits.maxBytes) return `it has more than ${limits.maxBytes} bytes`;
    if (performance.now() > deadline) return `reading it took longer than ${limits.timeoutMs} ms`;
    await window.fill(CHUNK_BYTES);
  }
}

function summarise(
  format: ReportFormat,
  lines: ReportLines,
  { sha256, gitBlob }: { readonly sha256: Hash; readonly gitBlob: Hash },
): ReadReport {
  let covered = 0;
  let total = 0;
  for (const set of lines.files.values()) {
    const counts = countLines(set);
    covered += counts.covered;
    total += counts.total;
  }
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
    gitBlob: gitBlob.digest('hex'),
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
  readonly #hashes: { readonly sha256: Hash; readonly gitBlob: Hash };

  constructor(source: ReportSource, hashes: { readonly sha256: Hash; readonly gitBlob: Hash }) {
    this.#source = source;
    this.#hashes = hashes;
    this.bytes = Buffer.allocUnsafe(Math.min(source.size, CHUNK_BYTES) + HEAD_BYTES);
  }

  /**
   * Reads up to `most` more bytes, and not many more than the source still has; sets `ended` when there are none. A byte order mark
   * at the very start is dropped.
   */
  async fill(most: number): Promise<void> {
    // A buffer for a whole chunk costs more than reading a small report.
    const amount = Math.min(most, Math.max(this.#source.size - this.total, 0) + HEAD_BYTES);
    if (this.end + amount > this.bytes.length) this.#resize(Math.max(2 * this.bytes.length, this.end + amount));
    const target = this.end + amount;
    while (this.end < target && !this.ended) {
      const count = await this.#source.read(this.bytes.subarray(0, target), this.end);
      const part = this.bytes.subarray(this.end, this.end + count);
      this.#hashes.sha256.update(part);
      this.#hashes.gitBlob.update(part);
      this.end += count;
      this.total += count;
      this.ended = count === 0;
    }
    if (this.total === this.end && this.bytes[0] === 0xef && this.bytes[1] === 0xbb && this.bytes[2] === 0xbf) {
      this.drop(3);
    }
  }

  drop(count: number): void {
    if (count > 0) this.bytes.copy(this.bytes, 0, count, this.end);
    this.end -= count;
  }

  /** Capacity for the whole source at once, so that a large document is not copied while it grows. */
  reserve(limit: number): void {
    const wanted = Math.min(this.#source.size, limit) + HEAD_BYTES;
    if (wanted > this.bytes.length) this.#resize(wanted);
  }

  #resize(size: number): void {
    const bigger = Buffer.allocUnsafe(size);
    this.bytes.copy(bigger, 0, 0, this.end);
    this.bytes = bigger;
  }
}
