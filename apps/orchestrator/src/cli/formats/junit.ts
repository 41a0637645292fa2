/**
 * JUnit XML, within both schemas that readers use (Ant's and Jenkins'): a suite for each check, a case for each finding, and one for
 * the check itself. What blames no change is an `error`, not a `failure`.
 */
import type { Finding } from '@gatehouse/verdict';
import { verdictWord } from '../../platform/verdict-word.ts';
import { visibleText } from '../../platform/visible-text.ts';
import { type CheckedView, ownWarnings, placeOf, type Writer } from './report.ts';

/** `at` is when the gate ended; only the attribute `timestamp` shows it. */
export function writeJunit(report: Parameters<Writer>[0], at: Date = new Date()): string {
  const suites = report.checks.map((view, id) => suite(view, id, at.toISOString().slice(0, 19)));
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n${suites.join('\n')}\n</testsuites>\n`;
}

function suite(view: CheckedView, id: number, timestamp: string): string {
  const seconds = (Math.max(0, Number.isFinite(view.duration_ms) ? view.duration_ms : 0) / 1000).toFixed(3);
  const cases = casesOf(view, seconds);
  const count = (element: string) => cases.filter((text) => text.includes(`<${element} `)).length;
  const attributes = { name: view.check, timestamp, hostname: 'localhost', package: 'gatehouse', id: `${id}` };
  const counts = {
    tests: `${cases.length}`,
    failures: `${count('failure')}`,
    errors: `${count('error')}`,
    skipped: `${count('skipped')}`,
    time: seconds,
  };
  const properties = Object.entries({
    base_sha: view.base_sha,
    head_sha: view.head_sha,
    ...(view.tested_sha === undefined ? {} : { tested_sha: view.tested_sha }),
  })
    .map(([name, value]) => `<property ${written({ name, value })}/>`)
    .join('');
  return [
    `<testsuite ${written({ ...attributes, ...counts })}>`,
    `<properties>${properties}</properties>`,
    ...cases,
    `<system-out>${escaped(outOf(view))}</system-out>`,
    '<system-err></system-err>',
    '</testsuite>',
  ].join('\n');
}

function casesOf(view: CheckedView, seconds: string): readonly string[] {
  const own = testcase(view, { name: view.check, time: seconds }, inner(view));
  if (view.status !== 'fail') return [own];
  return view.findings.length === 0 ? [own] : view.findings.map((finding) => findingCase(view, finding));
}

/** Of the case that stands for the check. */
function inner({ status, reason, warnings, cause = status, output }: CheckedView): string {
  const lines = output === undefined ? '' : [...output.lines, output.likely ?? ''].join('\n');
  switch (status) {
    case 'pass':
      // A case can only pass, fail or be skipped; what was not measured did not pass.
      return verdictWord({ status, reason, warnings }) === 'pass' ? '' : `<skipped ${written({ message: reason })}/>`;
    case 'skip':
      return `<skipped ${written({ message: reason })}/>`;
    case 'fail':
      return `<failure ${written({ message: reason, type: 'fail' })}>${escaped(reason)}</failure>`;
    case 'defer':
    case 'error':
      return `<error ${written({ message: reason, type: cause })}>${escaped(`${reason}\n${lines}`)}</error>`;
  }
}

function findingCase(view: CheckedView, finding: Finding): string {
  const place = placeOf(finding);
  const [first = ''] = finding.message.split('\n');
  const name = `${finding.rule}${place === '' ? '' : ` ${place}`}: ${first.slice(0, 200)}`;
  const body = `<failure ${written({ message: first, type: finding.rule })}>${escaped(finding.message)}</failure>`;
  return testcase(view, { name, time: '0' }, body);
}

const testcase = ({ check }: CheckedView, named: Readonly<Record<string, string>>, body: string): string =>
  `<testcase ${written({ ...named, classname: check })}>${body}</testcase>`;

const outOf = (view: CheckedView): string => [view.reason, ...ownWarnings(view)].join('\n');

const written = (attributes: Readonly<Record<string, string>>): string =>
  Object.entries(attributes)
    .map(([name, value]) => `${name}="${escaped(value).replace(/[\n\t]/g, (char) => `&#${char.charCodeAt(0)};`)}"`)
    .join(' ');

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** What XML cannot hold at all is shown as what it is. */
const escaped = (text: string): string =>
  visibleText(text)
    .replace(/[\ufffe\uffff]/g, (char) => `\\u{${char.charCodeAt(0).toString(16)}}`)
    .replace(/[&<>"]/g, (char) => ENTITIES[char] ?? char);
