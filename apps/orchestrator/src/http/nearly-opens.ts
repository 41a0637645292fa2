/** A report that meant the value that opens its stage, and wrote another: `approved`, `APPROVED.`, `"APPROVED" (with notes)`. Pure. */
import { CHECKS, isCheckName } from '@gatehouse/stage-engine';

/** What to write instead; null: it said something else, or it is no verdict about a report. */
export function nearlyOpens({ check, status, reason }: Readonly<Record<'check' | 'status' | 'reason', string>>) {
  const rule = isCheckName(check) ? CHECKS[check].artefact : null;
  const start = rule === null ? '' : `${rule.name} says ${rule.key}: `;
  if (rule === null || status !== 'fail' || !reason.startsWith(start)) return null;
  const said = reason.slice(start.length).replace(/^\W+/, '').toUpperCase();
  return said.startsWith(rule.opens)
    ? `only \`${rule.key}: ${rule.opens}\` opens, to the letter: capitals count, and nothing stands beside it`
    : null;
}
