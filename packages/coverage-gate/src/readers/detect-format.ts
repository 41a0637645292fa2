/** Detects the format of a report from its first bytes, one row for each; file names are not believed. */

/** The formats this package reads. */
export type ReportFormat =
  | 'lcov'
  | 'cobertura'
  | 'clover'
  | 'jacoco'
  | 'opencover'
  | 'sonar-generic'
  | 'go-coverprofile'
  | 'coverage-py'
  | 'istanbul'
  | 'json-summary'
  | 'llvm-cov'
  | 'simplecov'
  | 'codecov'
  | 'coverlet'
  | 'gcovr'
  | 'xccov'
  | 'xccov-report';

/** How much of a report is enough to decide. */
export const HEAD_BYTES: number = 64 * 1024;

type Row = readonly [format: ReportFormat, looksLike: RegExp];

/** What starts with a brace; the first row that fits. */
const JSON_ROWS: readonly Row[] = [
  ['llvm-cov', /^\{\s*"data"\s*:\s*\[|"type"\s*:\s*"llvm\.coverage\.json\.export"/],
  // gcovr's own and gcov's.
  ['gcovr', /^\{[^{]*"(?:gcovr\/format_version|gcc_version)"\s*:/],
  ['simplecov', /^\{\s*"meta"\s*:\s*\{[^}]*"simplecov_version"/],
  ['simplecov', /^\{\s*"(?:[^"\\]|\\.)*"\s*:\s*\{\s*"coverage"\s*:\s*\{/],
  ['simplecov', /^\{\s*"coverage"\s*:\s*\{\s*"(?:[^"\\]|\\.)*"\s*:\s*\{\s*"(?:lines|branches)"/],
  ['codecov', /^\{\s*"coverage"\s*:\s*\{/],
  ['coverage-py', /^\{\s*"meta"\s*:|"executed_lines"/],
  ['istanbul', /"statementMap"|^\{\s*\}/],
  ['json-summary', /^\{\s*"total"\s*:\s*\{\s*"lines"\s*:/],
  ['xccov', /"isExecutable"\s*:/],
  ['xccov-report', /"executableLines"\s*:/],
  ['coverlet', /^\{\s*"[^"]+\.(?:dll|exe)"\s*:\s*\{/i],
  ['coverage-py', /^\{\s*"files"\s*:/],
];

/** What starts with an angle bracket, from its root element on. */
const XML_ROWS: readonly Row[] = [
  ['jacoco', /^<report\b/],
  ['opencover', /^<CoverageSession\b/],
  ['clover', /^<coverage\b[^>]*\sclover\s*=/],
  ['cobertura', /^<coverage\b[^>]*\sline-rate\s*=/],
  ['sonar-generic', /<lineToCover[\s>]/],
  ['cobertura', /<(?:packages|sources)[\s>/]/],
  ['clover', /<project[\s>]/],
  ['cobertura', /^/],
];

/** Null when the bytes are no report this package knows. */
export function detectFormat(bytes: Uint8Array): ReportFormat | null {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, HEAD_BYTES)).toString('latin1');
  const text = head.trimStart();
  if (text.startsWith('<')) {
    const root = text.search(/<(?:coverage|report|CoverageSession)[\s>/]/);
    return root < 0 ? null : firstOf(XML_ROWS, text.slice(root));
  }
  if (text.startsWith('{')) return firstOf(JSON_ROWS, text);
  if (/^mode: (set|count|atomic)\s/.test(text)) return 'go-coverprofile';
  return /^(TN|SF):/m.test(text) ? 'lcov' : null;
}

/** What is no report of any kind, by its first bytes: what it is, and what to do. */
const STRANGERS: readonly (readonly [looksLike: RegExp, says: string])[] = [
  [/^[\s\0]*$/, 'it is empty'],
  [/^[^ -~]\x8b/, 'it is compressed (gzip), and archives are not opened: name the report itself'],
  [/^PK[^ -~]{2}/, 'it is an archive (zip), and archives are not opened: name the report itself'],
  [
    /^(?:\xff\xfe|\xfe\xff)/,
    'it is written in UTF-16, as PowerShell redirects output: let the tool write the file itself, in UTF-8',
  ],
  [/^\s*<(?:!doctype\s+)?html\b/i, 'it is a web page: let the tool write a report for machines, too'],
];

/** Why bytes of no known format are none, where that can be told. */
export function noFormat(bytes: Uint8Array): string | null {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, HEAD_BYTES)).toString('latin1');
  return STRANGERS.find(([looksLike]) => looksLike.test(head))?.[1] ?? null;
}

const firstOf = (rows: readonly Row[], text: string): ReportFormat | null =>
  rows.find(([, looksLike]) => looksLike.test(text))?.[0] ?? null;
