/** A notice as plain text for people, cut to what a receiver takes. */
import { visibleText } from '../platform/visible-text.ts';
import type { Alert, Notice } from './port.ts';
import { severityOf } from './severity.ts';

/** What an alert is about, as the command line calls it. */
function subjectOf({ scope, task, repository }: Alert): string {
  if (scope === 'service') return 'gatehouse';
  return scope === 'task' ? `task ${task ?? '?'}` : `repository ${repository ?? '?'}`;
}

function lineOf(alert: Alert): string {
  const mark = severityOf(alert) === 'critical' ? '[critical] ' : '';
  return `${mark}${subjectOf(alert)}: ${visibleText(alert.text).trim()}`;
}

/** Behind an alert about a task stands the command that says what can be done. */
const wayOut = ({ scope, task }: Alert): string =>
  scope === 'task' && task !== null ? ` (what to do: gatehouse task show ${task})` : '';

/**
 * At most `limit` UTF-16 units, and never half of a character. Of several alerts each gets an equal share, so that one
 * that is long hides none; what is cut is said.
 */
export function noticeText({ alerts }: Pick<Notice, 'alerts'>, limit: number): string {
  const head = alerts.length > 1 ? `${alerts.length} alerts\n` : '';
  const room = limit - head.length;
  const share = Math.max(20, Math.floor(room / Math.max(1, alerts.length)) - 1);
  const lines = alerts.map((alert) => `${lineOf(alert)}${wayOut(alert)}`);
  const whole = `${head}${lines.join('\n')}`;
  if (whole.length <= limit) return whole;
  return cut(`${head}${alerts.map((alert, at) => cut(lines[at] ?? '', share, restOf(alert))).join('\n')}`, limit);
}

/** Where all of an alert can be read. */
const restOf = ({ task }: Alert): string =>
  task === null ? '… (cut; gatehouse queue)' : `… (cut; gatehouse task show ${task})`;

/** Where there is room for it, what is cut says so in words. */
function cut(text: string, limit: number, rest = '…'): string {
  if (text.length <= limit) return text;
  const end = rest.length * 2 > limit ? '…' : rest;
  const kept = text.slice(0, Math.max(0, limit - end.length));
  // A surrogate without its other half is no text that JSON can carry everywhere.
  return `${kept.replace(/[\ud800-\udbff]$/, '')}${end}`;
}
