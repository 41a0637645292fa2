/**
 * SARIF 2.1.0, as code scanning of GitHub and GitLab reads it. A finding is known again by its rule, its path and what its first
 * line says; lines and commits move.
 */
import { createHash } from 'node:crypto';
import type { Finding } from '@gatehouse/verdict';
import { VERSION } from '../../platform/version.ts';
import { visibleJson, visibleText } from '../../platform/visible-text.ts';
import { EXIT_OF } from './exit-of.ts';
import { type CheckedView, type GateReport, ownWarnings, placedFindings, type Writer } from './report.ts';

/** Readers want a place for everything; what has none is shown at the gate's own definition. */
const NO_PLACE = 'gatehouse.yaml';

const FROM_CHECK = { fail: 'error', defer: 'warning', error: 'warning', pass: 'note', skip: 'note' } as const;

export const writeSarif: Writer = (report) => {
  const found = report.checks.flatMap((view) => placedFindings(view).map((finding) => ({ view, finding })));
  const rules = [...new Set(found.map(({ finding }) => finding.rule))].sort();
  const seen = new Map<string, number>();
  const run = {
    tool: {
      driver: {
        name: 'gatehouse',
        semanticVersion: VERSION,
        rules: rules.map((id) => ({ id: visibleText(id), shortDescription: { text: plain(`gatehouse ${id}`) } })),
      },
    },
    automationDetails: { id: `gatehouse/${report.gate}/` },
    columnKind: 'utf16CodeUnits',
    invocations: [invocation(report)],
    results: found.map(({ view, finding }) => result({ view, finding, rules, seen })),
    properties: { status: report.status, subject: report.subject },
  };
  return visibleJson({ $schema: 'https://json.schemastore.org/sarif-2.1.0.json', version: '2.1.0', runs: [run] });
};

interface Found {
  readonly view: CheckedView;
  readonly finding: Finding;
  readonly rules: readonly string[];
  /** How often each fingerprint came already. */
  readonly seen: Map<string, number>;
}

function result({ view, finding, rules, seen }: Found) {
  const { rule, message, path, line, commit } = finding;
  const print = fingerprint(finding);
  const count = (seen.get(print) ?? 0) + 1;
  seen.set(print, count);
  const startLine = line !== undefined && Number.isSafeInteger(line) && line >= 1 ? line : 1;
  return {
    ruleId: visibleText(rule),
    ruleIndex: rules.indexOf(rule),
    level: FROM_CHECK[view.status],
    message: { text: plain(message) },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: uriOf(path ?? NO_PLACE), uriBaseId: '%SRCROOT%' },
          region: { startLine },
        },
        ...(path === undefined ? { logicalLocations: [{ fullyQualifiedName: view.check }] } : {}),
      },
    ],
    partialFingerprints: { 'gatehouseFinding/v1': `${print}:${count}` },
    properties: { check: view.check, ...(commit === undefined ? {} : { commit }) },
  };
}

/** What keeps the same finding the same finding from one run to the next. */
function fingerprint({ rule, path, message }: Finding): string {
  const what = (message.split('\n')[0] ?? '').replace(/\b[0-9a-f]{7,64}\b/g, '#').replace(/\d+/g, '#');
  return createHash('sha256')
    .update(JSON.stringify([rule, path ?? null, what]))
    .digest('hex')
    .slice(0, 32);
}

/** Relative, with every byte that is not plain encoded; nothing leads out of the repository. */
export function uriOf(path: string): string {
  const parts = path
    .toWellFormed()
    .split('/')
    .filter((part) => part !== '' && part !== '.' && part !== '..');
  return parts.length === 0 ? NO_PLACE : parts.map(encoded).join('/');
}

const encoded = (part: string): string =>
  encodeURIComponent(part).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);

/** A plain text in which `[a](b)` would be a link has its brackets escaped (SARIF 3.11.6); readers want one that is not empty. */
function plain(text: string): string {
  const shown = visibleText(text);
  if (shown.trim() === '') return '(no text)';
  return /\][([]/.test(shown) ? shown.replace(/[[\]\\]/g, '\\$&') : shown;
}

/** What a gate could not decide is no finding: it is told as a notification of the tool. */
function invocation({ status, checks }: GateReport) {
  const notifications = checks.flatMap((view) => [
    ...(view.status === 'pass' ? [] : [notification(view, view.reason, FROM_CHECK[view.status])]),
    ...ownWarnings(view).map((warning) => notification(view, warning, 'warning')),
  ]);
  return {
    executionSuccessful: status !== 'defer' && status !== 'error',
    exitCode: EXIT_OF[status],
    toolExecutionNotifications: notifications,
  };
}

const notification = ({ check }: CheckedView, text: string, level: 'error' | 'warning' | 'note') => ({
  level,
  message: { text: plain(text) },
  descriptor: { id: check },
});
