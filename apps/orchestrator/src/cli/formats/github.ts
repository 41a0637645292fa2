/**
 * Annotations of GitHub and Gitea Actions, and the verdict in words after them. A value that is a command to the runner is escaped
 * as its toolkit does; https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts
 */
import type { Finding } from '@gatehouse/verdict';
import { visibleText } from '../../platform/visible-text.ts';
import { type CheckedView, ownWarnings, placedFindings, type Writer } from './report.ts';
import { writeText } from './text.ts';

type AnnotationLevel = 'error' | 'warning' | 'notice';

/** A page shows ten of each level; the rest is in the words. */
const SHOWN = 50;

export const writeGithub: Writer = (report) => [...report.checks.flatMap(annotationsOf), writeText(report)].join('\n');

function annotationsOf(view: CheckedView): readonly string[] {
  const { check, status, reason, output } = view;
  const level: AnnotationLevel = status === 'fail' ? 'error' : 'warning';
  const found = placedFindings(view)
    .slice(0, SHOWN)
    .map((finding) => annotation(level, finding.message, propertiesOf(finding)));
  const likely = output?.likely ?? null;
  const more = likely === null || reason.includes(likely) ? '' : `\n${likely}`;
  const isOpen = status === 'pass' || status === 'skip';
  const own = found.length > 0 || isOpen ? [] : [annotation(level, `${reason}${more}`, { title: check })];
  return [...found, ...own, ...ownWarnings(view).map((warning) => annotation('warning', warning, { title: check }))];
}

const propertiesOf = ({ rule, path, line }: Finding): Readonly<Record<string, string>> => ({
  ...(path === undefined ? {} : { file: path, ...(line === undefined ? {} : { line: `${line}` }) }),
  title: rule,
});

/** One line, whatever the message holds. */
export function annotation(
  level: AnnotationLevel,
  message: string,
  properties: Readonly<Record<string, string>>,
): string {
  const named = Object.entries(properties).map(([name, value]) => `${name}=${property(value)}`);
  return `::${level} ${named.join(',')}::${data(message)}`;
}

const data = (text: string): string =>
  visibleText(text).replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');

const property = (text: string): string => data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
