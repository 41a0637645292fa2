/** For a person at a terminal, and in the log of a CI system: no line of it is read as a command there. */
import { verdictWord } from '../../platform/verdict-word.ts';
import { visibleText } from '../../platform/visible-text.ts';
import { type CheckedView, ownWarnings, placeOf, type Writer } from './report.ts';

export const writeText: Writer = ({ checks, not_asked }) =>
  inertLines([...checks.map(asText), ...not_asked.map((check) => `${'-'.padEnd(5)} ${check}: not asked`)].join('\n'));

function asText(view: CheckedView): string {
  const { check, reason, findings, output } = view;
  const found = findings.map((finding) => {
    const place = placeOf(finding);
    return `  - ${finding.rule}${place === '' ? '' : ` ${place}`}: ${finding.message}`;
  });
  const said =
    output === undefined
      ? []
      : [
          `  ${output.purpose} run of ${output.commit.slice(0, 12)}: ${output.command}`,
          ...output.lines.map((line) => `  | ${line}`),
          ...(output.likely === null || reason.includes(output.likely) ? [] : [`  > ${output.likely}`]),
        ];
  return [
    `${verdictWord(view).toUpperCase().padEnd(5)} ${check}: ${reason}`,
    ...found,
    ...said,
    ...ownWarnings(view).map((warning) => `  ! ${warning}`),
  ].join('\n');
}

/** Runners of GitHub and Gitea obey lines that begin with `::`, and `##[` anywhere; both are shown as what they are. */
const inertLines = (text: string): string =>
  visibleText(text)
    .replace(/^(\s*):(?=:)/gm, '$1\\u{3a}')
    .replaceAll('##[', '#\\u{23}[');
