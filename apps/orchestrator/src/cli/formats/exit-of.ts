/** The exit status of a verdict; docs/compat.md freezes it. */
import type { CheckVerdict } from '@gatehouse/verdict';
import { EXIT } from '../answer.ts';

export const EXIT_OF: Readonly<Record<CheckVerdict['status'], number>> = {
  pass: EXIT.pass,
  skip: EXIT.pass,
  fail: EXIT.fail,
  error: EXIT.error,
  defer: EXIT.defer,
};
