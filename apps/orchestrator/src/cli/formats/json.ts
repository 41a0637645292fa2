/** The one object of `--json`. */
import { visibleJson } from '../../platform/visible-text.ts';
import type { GateReport, Writer } from './report.ts';

/** One check is its own object, `all` has them in a list. */
export function jsonOf({ gate, status, code, checks, not_asked, subject }: GateReport): object {
  if (gate !== 'all') return { ...checks.at(-1), subject };
  return { status, ...(code === undefined ? {} : { code }), checks, not_asked, subject };
}

export const writeJson: Writer = (report) => visibleJson(jsonOf(report));
