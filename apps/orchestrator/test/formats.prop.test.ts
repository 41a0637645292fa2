import { spawnSync } from 'node:child_process';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { annotation, writeGithub } from '../src/cli/formats/github.ts';
import { writeJson } from '../src/cli/formats/json.ts';
import { writeJunit } from '../src/cli/formats/junit.ts';
import { writeMarkdown } from '../src/cli/formats/markdown.ts';
import type { GateReport } from '../src/cli/formats/report.ts';
import { uriOf, writeSarif } from '../src/cli/formats/sarif.ts';
import { writeText } from '../src/cli/formats/text.ts';
import { visibleText } from '../src/platform/visible-text.ts';
import { hostileReport, hostileText } from './hostile-reports.ts';
import { sarifProblems } from './sarif-schema.ts';
import { describeWith } from './tool-tests.ts';

const findingsOf = ({ checks }: GateReport) => checks.flatMap(({ findings }) => findings);
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}]/u;

interface SarifResult {
  readonly message: { readonly text: string };
  readonly locations: readonly [{ readonly physicalLocation: { readonly artifactLocation: { readonly uri: string } } }];
  readonly partialFingerprints: Readonly<Record<string, string>>;
}

/** What a reader of Markdown does not take for code: fenced blocks and spans are left out, as CommonMark ends them. */
function outsideCode(text: string): string {
  const kept: string[] = [];
  let fence: string | null = null;
  for (const line of text.split('\n')) {
    if (fence !== null) fence = line === fence ? null : fence;
    else if (/^`{3,}text$/.test(line)) fence = line.slice(0, -'text'.length);
    else kept.push(outsideSpans(line));
  }
  return kept.join('\n');
}

function outsideSpans(line: string): string {
  const pieces = line.split(/(`+)/);
  let kept = '';
  for (let at = 0; at < pieces.length; at += 1) {
    const piece = pieces[at] ?? '';
    const end = piece.startsWith('`') ? pieces.indexOf(piece, at + 1) : -1;
    if (end > 0) at = end;
    else kept += piece;
  }
  return kept;
}

describe('whatever the texts of a report hold,', () => {
  test('SARIF is valid by its published schema, and gives the very findings back', () => {
    fc.assert(
      fc.property(hostileReport, (report) => {
        const log = JSON.parse(writeSarif(report)) as { runs: [{ results: readonly SarifResult[] }] };
        expect(sarifProblems(log)).toEqual([]);
        const { results } = log.runs[0];
        const said = results.map(({ message }) =>
          /\\\[/.test(message.text) ? message.text.replace(/\\([[\]\\])/g, '$1') : message.text,
        );
        const meant = findingsOf(report)
          .map(({ message }) => visibleText(message))
          .map((text) => (text.trim() === '' ? '(no text)' : text));
        expect(said).toEqual(meant);
        for (const { locations } of results) {
          const { uri } = locations[0].physicalLocation.artifactLocation;
          expect(new URL(uri, 'file:///repo/').href).toBe(`file:///repo/${uri}`);
        }
        const prints = results.map(({ partialFingerprints }) => partialFingerprints['gatehouseFinding/v1']);
        expect(new Set(prints).size).toBe(prints.length);
      }),
    );
  });

  test('an annotation is one line that the runner reads back, and no other line is a command to it', () => {
    fc.assert(
      fc.property(hostileReport, (report) => {
        const lines = writeGithub(report).split('\n');
        const commands = lines.filter((line) => /^\s*::/.test(line));
        const failing = findingsOf(report).length;
        expect(commands.length).toBeGreaterThanOrEqual(failing);
        for (const command of commands) expect(command).toMatch(/^::(?:error|warning|notice) [^:]*::/);
        expect(lines.filter((line) => !commands.includes(line)).join('\n')).not.toContain('##[');
      }),
    );
    fc.assert(
      fc.property(hostileText, hostileText, (message, title) => {
        const [, named = '', data = ''] =
          /^::error title=([^:,]*)::(.*)$/s.exec(annotation('error', message, { title })) ?? [];
        const read = (text: string): string =>
          text
            .replaceAll('%0D', '\r')
            .replaceAll('%0A', '\n')
            .replaceAll('%3A', ':')
            .replaceAll('%2C', ',')
            .replaceAll('%25', '%');
        expect(read(data)).toBe(visibleText(message));
        expect(read(named)).toBe(visibleText(title));
      }),
    );
  });

  test('Markdown has no word of others outside code', () => {
    fc.assert(
      fc.property(hostileReport, (report) => {
        const ours = outsideCode(writeMarkdown(report));
        expect(ours.replace(/✅|⏭️|❌|⏳|⚠️/gu, '')).toMatch(/^[\w\s.,:;#>*-]*$/u);
      }),
    );
  });

  test('plain text has no sign that a terminal obeys, and JSON is one line that holds the very report', () => {
    fc.assert(
      fc.property(hostileReport, (report) => {
        expect(writeText(report).replaceAll('\n', '').replaceAll('\t', '')).not.toMatch(UNSEEN);
        expect(writeText(report)).not.toMatch(/^\s*::/m);
        const json = writeJson(report);
        expect(json).not.toMatch(UNSEEN);
        const { checks, status, not_asked, subject } = report;
        expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify({ status, checks, not_asked, subject })));
      }),
    );
  });

  test('a path is a relative uri inside the repository', () => {
    fc.assert(
      fc.property(hostileText, (path) => {
        const uri = uriOf(path);
        expect(uri).toMatch(/^(?:[\w.~/-]|%[0-9A-F]{2})+$/);
        expect(uri.split('/')).not.toContain('..');
      }),
    );
    expect(uriOf('src/a b/ü.ts')).toBe('src/a%20b/%C3%BC.ts');
  });
});

test('a finding keeps its fingerprint when its line, its commit and its numbers move, and another one has another', () => {
  const print = (message: string, path: string, line: number): string => {
    const checks = [
      {
        check: 'c',
        status: 'fail',
        reason: 'r',
        findings: [{ rule: 'x', message, path, line }],
        warnings: [],
        duration_ms: 1,
        base_sha: '',
        head_sha: '',
      },
    ] as const;
    const subject = {
      branch: { name: '', sha: '', from: '' },
      base: { name: '', sha: '', from: '' },
      ci: null,
      fetched: false,
    };
    return (
      /"gatehouseFinding\/v1":"([^"]+)"/.exec(
        writeSarif({ gate: 'merge', status: 'fail', checks, not_asked: [], subject }),
      )?.[1] ?? ''
    );
  };
  expect(print('seen 3 times in abcdef0', 'a', 1)).toBe(print('seen 4 times in 1234567', 'a', 90));
  expect(print('seen', 'a', 1)).not.toBe(print('seen', 'b', 1));
});

/** Every failure and error that Python's own XML reader finds, in order. */
const READER = `
import json, sys, xml.etree.ElementTree as tree
answers = []
for text in json.load(sys.stdin):
    root = tree.fromstring(text.encode())
    assert root.tag == "testsuites"
    for suite in root:
        assert [one.tag for one in suite if one.tag != "testcase"] == ["properties", "system-out", "system-err"]
        for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped"), ("tests", "testcase")):
            assert int(suite.get(name)) == len(list(suite.iter(tag))), name
    answers.append([case.findtext("failure") for case in root.iter("testcase") if case.find("failure") is not None])
json.dump(answers, sys.stdout)
`;

describeWith('python3')('JUnit XML', () => {
  test('is read by a reader of XML, adds up, and gives the very findings back', () => {
    const reports = fc.sample(hostileReport, { numRuns: 150, seed: 7 });
    const input = JSON.stringify(reports.map((report) => writeJunit(report, new Date(0))));
    const read = spawnSync('python3', ['-c', READER], { input, encoding: 'utf8' });
    expect([read.status, read.stderr]).toEqual([0, '']);
    const shown = (text: string): string =>
      visibleText(text).replace(/[\ufffe\uffff]/g, (char) => `\\u{${char.charCodeAt(0).toString(16)}}`);
    const meant = reports.map(({ checks }) =>
      checks.flatMap(({ status, findings, reason }) =>
        status !== 'fail' ? [] : (findings.length === 0 ? [reason] : findings.map(({ message }) => message)).map(shown),
      ),
    );
    expect(JSON.parse(read.stdout)).toEqual(meant);
  });
});
