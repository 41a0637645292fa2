/** Detects the format of a report from its first bytes; file names are not believed. */

/** The formats this package reads. */
export type ReportFormat = 'lcov' | 'cobertura' | 'clover' | 'jacoco' | 'coverage-py' | 'go-coverprofile' | 'istanbul';

/** How much of a report is enough to decide. */
export const HEAD_BYTES: number = 64 * 1024;

/** Null when the bytes are no report this package knows. */
export function detectFormat(bytes: Uint8Array): ReportFormat | null {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, HEAD_BYTES)).toString('latin1');
  const text = head.trimStart();
  if (text.startsWith('<')) return xmlFormat(text);
  if (text.startsWith('{')) return jsonFormat(text);
  if (/^mode: (set|count|atomic)\s/.test(text)) return 'go-coverprofile';
  return /^(TN|SF):/m.test(text) ? 'lcov' : null;
}

function xmlFormat(text: string): ReportFormat | null {
  const root = /<(coverage|report)[\s>/].*/s.exec(text);
  if (root === null) return null;
  if (root[1] === 'report') return 'jacoco';
  const open = /^<coverage\b[^>]*>/.exec(root[0])?.[0] ?? '';
  if (/\sclover\s*=/.test(open)) return 'clover';
  if (/\sline-rate\s*=/.test(open) || /<(packages|sources)[\s>/]/.test(root[0])) return 'cobertura';
  return /<project[\s>]/.test(root[0]) ? 'clover' : 'cobertura';
}

function jsonFormat(text: string): ReportFormat | null {
  if (/^\{\s*"meta"\s*:/.test(text) || text.includes('"executed_lines"')) return 'coverage-py';
  if (text.includes('"statementMap"') || /^\{\s*\}/.test(text)) return 'istanbul';
  return /^\{\s*"files"\s*:/.test(text) ? 'coverage-py' : null;
}
