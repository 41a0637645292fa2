/** Every format by its name: what people call it, and what reads it. */
import { readCodecov, readSimpleCov } from './counts-by-line.ts';
import { readCoveragePy } from './coverage-py.ts';
import { readCoverlet } from './coverlet.ts';
import type { ReportFormat } from './detect-format.ts';
import { readGcovr } from './gcovr.ts';
import { GoProfileReader } from './go-profile.ts';
import { readIstanbul } from './istanbul.ts';
import { jsonReader } from './json-report.ts';
import { LcovReader } from './lcov.ts';
import { readLlvmCov } from './llvm-cov.ts';
import type { ReportLines, ReportReader } from './report-lines.ts';
import { readJsonSummary, readXccovReport } from './totals.ts';
import { readXccov } from './xccov.ts';
import { XmlLinesReader } from './xml-lines.ts';

export const FORMATS: {
  readonly [Format in ReportFormat]: { readonly says: string; readonly reader: (lines: ReportLines) => ReportReader };
} = {
  lcov: { says: 'LCOV', reader: (lines) => new LcovReader(lines) },
  cobertura: { says: 'Cobertura', reader: (lines) => new XmlLinesReader(lines, 'cobertura') },
  clover: { says: 'Clover', reader: (lines) => new XmlLinesReader(lines, 'clover') },
  jacoco: { says: 'JaCoCo', reader: (lines) => new XmlLinesReader(lines, 'jacoco') },
  opencover: { says: 'OpenCover', reader: (lines) => new XmlLinesReader(lines, 'opencover') },
  'sonar-generic': { says: 'Sonar generic XML', reader: (lines) => new XmlLinesReader(lines, 'sonar-generic') },
  'go-coverprofile': { says: 'Go profile', reader: (lines) => new GoProfileReader(lines) },
  'coverage-py': { says: 'coverage.py JSON', reader: (lines) => jsonReader(lines, readCoveragePy) },
  istanbul: { says: 'istanbul JSON', reader: (lines) => jsonReader(lines, readIstanbul) },
  'json-summary': { says: 'istanbul json-summary', reader: (lines) => jsonReader(lines, readJsonSummary) },
  'llvm-cov': { says: 'llvm-cov JSON', reader: (lines) => jsonReader(lines, readLlvmCov) },
  simplecov: { says: 'SimpleCov', reader: (lines) => jsonReader(lines, readSimpleCov) },
  codecov: { says: 'Codecov JSON', reader: (lines) => jsonReader(lines, readCodecov) },
  coverlet: { says: 'coverlet JSON', reader: (lines) => jsonReader(lines, readCoverlet) },
  gcovr: { says: 'gcovr JSON', reader: (lines) => jsonReader(lines, readGcovr) },
  xccov: { says: 'xccov archive JSON', reader: (lines) => jsonReader(lines, readXccov) },
  'xccov-report': { says: 'xccov report JSON', reader: (lines) => jsonReader(lines, readXccovReport) },
};
