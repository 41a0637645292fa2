/** A summary for pages of forges and CI systems. Words of others stand in code, where nothing is a link, a mention or HTML. */
import { block, code } from '../../platform/markdown.ts';
import { verdictWord } from '../../platform/verdict-word.ts';
import { type CheckedView, ownWarnings, placeOf, type Writer } from './report.ts';

const SIGNS = { pass: '✅', skip: '⏭️', fail: '❌', defer: '⏳', error: '⚠️' } as const;
const SAYS = {
  pass: 'may land',
  skip: 'not asked',
  fail: 'the change is at fault',
  defer: 'not the fault of the change; ask again',
  error: 'could not be decided',
} as const;

/** Of an audit, which judges no change. */
const SAYS_OF_MAIN = { ...SAYS, pass: 'nothing found', fail: 'something stands there', defer: 'ask again' } as const;

/** Findings that are shown of each check; a page of CI takes a megabyte in all. */
const SHOWN = 30;

export const writeMarkdown: Writer = ({ gate, status, code: skipped, checks, not_asked, subject }) => {
  const said = skipped === undefined ? (gate === 'audit' ? SAYS_OF_MAIN : SAYS)[status] : 'nothing to land';
  const named = ({ name, sha }: typeof subject.base): string => `${code(name)} at ${code(sha.slice(0, 12))}`;
  const commits = gate === 'audit' ? named(subject.base) : `${named(subject.branch)} onto ${named(subject.base)}`;
  return [
    `### ${SIGNS[status]} Gatehouse, ${code(gate)}: ${status}, ${said}`,
    commits,
    [...checks.map(lineOf), ...not_asked.map((check) => `- ${code(check)}: not asked`)].join('\n'),
    ...checks.flatMap(detailsOf),
  ]
    .join('\n\n')
    .concat('\n');
};

function lineOf({ check, status, reason, warnings }: CheckedView): string {
  const word = verdictWord({ status, reason, warnings });
  return `- ${word === 'unknown' ? SIGNS.error : SIGNS[status]} ${code(check)} **${word}**: ${code(reason, 1000)}`;
}

function detailsOf(view: CheckedView): readonly string[] {
  const { check, findings, output, reason } = view;
  const shown = findings.slice(0, SHOWN).map((finding) => {
    const place = placeOf(finding);
    return `${finding.rule}${place === '' ? '' : ` ${place}`}: ${finding.message}`;
  });
  const more = findings.length > SHOWN ? `\n\nand ${findings.length - SHOWN} more` : '';
  const likely = output?.likely ?? null;
  return [
    ...(shown.length === 0 ? [] : [`Findings of ${code(check)}:\n\n${block(shown.join('\n\n'), 20_000)}${more}`]),
    ...(output === undefined
      ? []
      : [
          `${code(output.command)} at ${code(output.commit.slice(0, 12))} said:\n\n${block(output.lines.join('\n'), 8000)}`,
        ]),
    ...(likely === null || reason.includes(likely) ? [] : [`Likely: ${code(likely, 1000)}`]),
    ...ownWarnings(view).map((warning) => `> ${code(warning, 1000)}`),
  ];
}
