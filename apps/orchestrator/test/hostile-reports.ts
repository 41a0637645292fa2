/** Reports whose every text was written by somebody who knows the formats. */
import fc from 'fast-check';
import type { CheckedView, GateReport } from '../src/cli/formats/report.ts';

const TRICKS = [
  '::error file=x::y',
  '\n::set-env name=PATH::x',
  '##[add-mask]x',
  ']]></failure><failure>',
  '</testsuite>&amp;&lt;',
  '<!--',
  '<img src=x onerror=alert(1)>',
  '[click](javascript:alert(1))',
  '`',
  '```\n# heading\n',
  '@everyone #1 https://evil.example',
  '%0A%25',
  '\r\n',
  '\u0000\u0007\u001b[31m',
  '\u202e\u200b\ufeff',
  '\ud800',
  '\uffff\ufffe',
  '| a | b |',
  '../../etc/passwd',
  ',title=x',
  '\\',
  '\t',
  '名前 é 🚧',
] as const;

/** Any text, with tricks in it more often than not. */
export const hostileText: fc.Arbitrary<string> = fc
  .array(fc.oneof(fc.constantFrom(...TRICKS), fc.string({ unit: 'binary', maxLength: 12 })), {
    minLength: 1,
    maxLength: 5,
  })
  .map((parts) => parts.join(''));

const sha = fc.stringMatching(/^[0-9a-f]{40}$/);

const finding = fc.record(
  { rule: hostileText, message: hostileText, path: hostileText, line: fc.integer({ min: -1, max: 99 }), commit: sha },
  { requiredKeys: ['rule', 'message'] },
);

const output = fc.record({
  purpose: fc.constantFrom('base', 'setup'),
  command: hostileText,
  commit: sha,
  lines: fc.array(hostileText, { maxLength: 3 }),
  likely: fc.option(hostileText),
});

const view = fc
  .record({
    check: fc.constantFrom('check_security_gate', 'check_branch_mergeable'),
    status: fc.constantFrom('pass', 'fail', 'defer', 'error', 'skip'),
    reason: hostileText,
    findings: fc.array(finding, { maxLength: 3 }),
    warnings: fc.array(hostileText, { maxLength: 2 }),
    output: fc.option(output, { nil: undefined }),
  })
  .map(
    ({ output: said, ...rest }) =>
      ({
        ...rest,
        base_sha: 'a'.repeat(40),
        head_sha: 'b'.repeat(40),
        duration_ms: 5,
        ...(said === undefined ? {} : { output: said }),
      }) as CheckedView,
  );

export const hostileReport: fc.Arbitrary<GateReport> = fc
  .record({ checks: fc.array(view, { minLength: 1, maxLength: 2 }), branch: hostileText, base: hostileText })
  .map(({ checks, branch, base }) => ({
    gate: 'all',
    status: checks.at(-1)?.status ?? 'error',
    checks,
    not_asked: ['check_coverage_gate'],
    subject: {
      branch: { name: branch, sha: 'b'.repeat(40), from: '--branch' },
      base: { name: base, sha: 'a'.repeat(40), from: 'default' },
      ci: null,
      fetched: false,
    },
  }));
