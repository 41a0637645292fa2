/** Short forms for the verdicts that every check can give. */
import { type Cause, type CheckVerdict, type Crashed, describeCrash, type MachineFault } from '@gatehouse/verdict';

const plain = { findings: [], warnings: [] } as const;

export const skip = (reason: string): CheckVerdict => ({ status: 'skip', reason, ...plain });
export const pass = (reason: string): CheckVerdict => ({ status: 'pass', reason, ...plain });
export const defer = (cause: Cause, reason: string, fault?: MachineFault | null): CheckVerdict => ({
  status: 'defer',
  cause,
  reason,
  ...plain,
  ...(fault === undefined || fault === null ? {} : { trouble: fault }),
});
export const error = (cause: Cause, reason: string): CheckVerdict => ({ status: 'error', cause, reason, ...plain });
export const crashed = (crash: Crashed): CheckVerdict => error('crashed', describeCrash(crash));
