/** A gate of your own that never throws, whatever it is given. `node first.ts` */
import { type CheckVerdict, type Crashed, describeCrash, neverRaise } from '@gatehouse/verdict';

export const checkTitle: (title: string) => Promise<CheckVerdict | Crashed> = neverRaise(
  'title-gate.check',
  async (title: string): Promise<CheckVerdict> => {
    const short = title.length <= 72;
    return {
      status: short ? 'pass' : 'fail',
      reason: short ? 'the title fits' : 'the title is longer than 72 characters',
      findings: short ? [] : [{ rule: 'title/length', message: 'shorten the title to 72 characters' }],
      warnings: [],
    };
  },
);

/** One line for a person, for any answer. */
export function format(answer: CheckVerdict | Crashed): string {
  return 'kind' in answer ? describeCrash(answer) : `${answer.status}: ${answer.reason}`;
}

for (const title of ['ledger: count entries', 'x'.repeat(73)]) console.log(format(await checkTitle(title)));
