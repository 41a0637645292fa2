/** The text of a first `gatehouse.yaml`: what was found is set, what a person may want next stands in comments. */
import { stringify } from 'yaml';
import type { Stack } from './detect-stack.ts';

/** What a run on main has shown. */
export interface Tried {
  /** How many tests main ran under it; null: not known. */
  readonly tests: number | null;
  /** In one sentence, whether coverage could be measured; null: not tried. */
  readonly coverage?: string | null;
}

/** `measures`: coverage is switched on, to be tried. */
export function policyText(
  { name, because, setup, command, ci, coverage, env = [] }: Stack,
  { tests: ranTests, coverage: triedCoverage = null }: Tried,
  measures = false,
): string {
  const off = measures ? '' : '# ';
  const ran = ranTests === null ? '' : ` Main ran ${ranTests} when this file was made.`;
  return [
    '# How gatehouse judges a change. It is read from main: a branch cannot change how it is judged itself.',
    `# Made by \`gatehouse init\` for ${name} (${because.replace(/\s+/g, ' ')}).`,
    'version: 1',
    '',
    'test:',
    '  # Runs first, in a fresh checkout and with a new HOME. Nothing is kept from one run to the next but `cache`.',
    setup === null ? '  # setup: ""' : `  setup: ${scalar(setup)}`,
    '  # Ends with 0 when all tests have passed, and with another status when one has not.',
    `  command: ${scalar(command)}`,
    '  timeout: 15m',
    `  # A run of fewer tests proves nothing.${ran}`,
    '  min_tests: 1',
    '  # Variables that the commands see, besides PATH and the like.',
    env.length === 0 ? '  # env: [DATABASE_URL]' : `  env: [${env.join(', ')}]`,
    '  # What the commands need and the checkout does not have, kept from one run to the next.',
    '  # cache: [node_modules/.cache]',
    '',
    '# Asked where the forge reports no checks of its own.',
    `# ci: { command: ${scalar(ci ?? 'make lint')} }`,
    '',
    '# Coverage of main may not fall; `patch` is about the lines that a change brings.',
    ...(triedCoverage === null ? [] : [`# ${triedCoverage}`]),
    `${off}coverage:`,
    ...measuring(coverage).map((line) => `${off}  ${line}`),
    `${off}  mode: both`,
    `${off}  patch: { min: 80, policy: warn }`,
    '',
    '# Secrets are always looked for; known vulnerabilities of this severity and above block a change that brings them.',
    'security:',
    '  dep_severity: high',
    '',
  ].join('\n');
}

const measuring = (coverage: Stack['coverage'] = { command: 'make coverage', report: 'coverage/lcov.info' }) =>
  'preset' in coverage
    ? [`preset: ${scalar(coverage.preset)}`]
    : [`command: ${scalar(coverage.command)}`, `report: ${coverage.report}`];

const scalar = (text: string): string => stringify(text, { lineWidth: 0 }).trimEnd();
