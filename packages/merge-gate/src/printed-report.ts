/**
 * A report that a runner prints in place of words: JUnit XML, the JSON of Jest, Vitest and Mocha. Looked for only where no
 * runner's words were recognised. What stands around a document is other output.
 */
import { readJestJson } from './reports/jest-json.ts';
import { readJunit } from './reports/junit.ts';
import { readMochaJson } from './reports/mocha-json.ts';
import type { ReportReading } from './reports/report-reading.ts';

interface PrintedFormat {
  readonly name: string;
  /** What a document begins with, at the beginning of a line. */
  readonly begins: readonly string[];
  /** Where a document that begins at `start` ends; -1: nowhere. */
  readonly endOf: (text: string, start: number) => number;
  readonly read: (text: string) => ReportReading;
}

const FORMATS: readonly PrintedFormat[] = [
  {
    name: 'junit',
    begins: ['<?xml ', '<testsuites', '<testsuite '],
    endOf: lastClosing,
    read: readJunit,
  },
  { name: 'jest --json', begins: ['{"num'], endOf: lineEnd, read: (text) => readJestJson(text, '') },
  { name: 'mocha -R json', begins: ['{\n  "stats": {'], endOf: outermostEnd, read: readMochaJson },
];

function lastClosing(text: string): number {
  const [mark, at] = ['</testsuites>', '</testsuite>']
    .map((one) => [one, text.lastIndexOf(one)] as const)
    .find(([, found]) => found !== -1) ?? ['', -1];
  return at === -1 ? -1 : at + mark.length;
}

function lineEnd(text: string, start: number): number {
  const at = text.indexOf('\n', start);
  return at === -1 ? text.length : at;
}

/** All but the outermost bracket are indented. */
function outermostEnd(text: string, start: number): number {
  const at = text.indexOf('\n}', start);
  return at === -1 ? -1 : at + 2;
}

/** `reason`: there is a document, and it cannot be read; null: there is none. */
export type PrintedReport =
  | { readonly kind: 'read'; readonly format: string; readonly reading: Extract<ReportReading, { kind: 'read' }> }
  | { readonly kind: 'unreadable'; readonly reason: string };

/** Total; one pass over the output for each format. */
export function findPrintedReport(output: string): PrintedReport | null {
  for (const { name, begins, endOf, read } of FORMATS) {
    const from = begins.map((mark) => lineStart(output, mark)).filter((at) => at !== -1);
    if (from.length === 0) continue;
    const start = Math.min(...from);
    const end = endOf(output, start);
    if (end <= start) return { kind: 'unreadable', reason: `the ${name} that was printed ends in the middle` };
    const reading = read(output.slice(start, end));
    if (reading.kind === 'read') return { kind: 'read', format: name, reading };
    return { kind: 'unreadable', reason: `the ${name} that was printed cannot be used: ${reading.reason}` };
  }
  return null;
}

function lineStart(text: string, mark: string): number {
  if (text.startsWith(mark)) return 0;
  const at = text.indexOf(`\n${mark}`);
  return at === -1 ? -1 : at + 1;
}
