import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  type Measurement,
  parseMeasurement,
  parseTestRun,
  serializeMeasurement,
  serializeTestRun,
} from '../src/checks/coverage-measurement.ts';

const sha = 'a'.repeat(40);
const measurement: Measurement = {
  commit: sha,
  tree: 'b'.repeat(40),
  commandHash: 'c'.repeat(64),
  measured: {
    metric: 'lines',
    format: 'lcov',
    covered: 3,
    total: 4,
    files: { 'src/a.mjs': [3, 4] },
    reportSha256: 'd'.repeat(64),
  },
};

test('a measurement reads back equal to what was printed', () => {
  expect(parseMeasurement(serializeMeasurement(measurement))).toEqual(measurement);
});

test('a file named __proto__ is an ordinary name', () => {
  const odd = {
    ...measurement,
    measured: { ...measurement.measured, files: JSON.parse('{"__proto__":[1,2]}') as Measurement['measured']['files'] },
  };
  expect(serializeMeasurement(odd)).toContain('"__proto__":[1,2]');
  expect(parseMeasurement(serializeMeasurement(odd))).not.toBeNull();
});

test('anything else is no measurement', () => {
  for (const text of ['', '{}', 'null', serializeMeasurement(measurement).replace('"covered":3', '"covered":-3')])
    expect(parseMeasurement(text)).toBeNull();
  fc.assert(fc.property(fc.string(), (text) => parseMeasurement(text) === null));
});

test('what a test run covered reads back equal, lines and all, for the command it stands in for', () => {
  const bits = (...lines: number[]): Uint32Array => {
    const set = new Uint32Array(3);
    for (const line of lines) set[line >>> 5] = (set[line >>> 5] ?? 0) | (1 << (line & 31));
    return set;
  };
  const lines = new Map([
    ['src/a.mjs', { seen: bits(1, 2, 31, 64), hit: bits(1, 64) }],
    ['__proto__', { seen: bits(), hit: bits() }],
  ]);
  const evidence = {
    commit: sha,
    tree: measurement.tree,
    reportPath: 'rep.info',
    runs: [],
    findings: [],
    diagnostics: [],
  };
  const outcome = {
    kind: 'measured',
    measured: { ...measurement.measured, flapping: { 'src/a.mjs': [2] }, lines },
    evidence: { ...evidence, dropped: { files: 0, examples: [] } },
  } as const;
  const text = serializeTestRun(outcome, 'h');
  expect(parseTestRun(text, 'h')).toEqual(outcome);
  expect(parseTestRun(text, 'another')).toBeNull();
  expect(parseTestRun('{}', 'h')).toBeNull();
});
