/** Names of signals by their number, the real-time ones included, which Node does not know. */
import { constants } from 'node:os';

/** As the C library counts them: two below are its own. */
const FIRST_REAL_TIME = 34;
const LAST_REAL_TIME = 64;

/** `SIGKILL` for 9, `SIGRTMIN+3` for 37, as `kill -l` has it; `SIG33` for a number without a name. */
export function signalName(number: number): string {
  const known = Object.entries(constants.signals).find(([, value]) => value === number)?.[0];
  if (known !== undefined) return known;
  if (number < FIRST_REAL_TIME || number > LAST_REAL_TIME) return `SIG${number}`;
  return number === FIRST_REAL_TIME ? 'SIGRTMIN' : `SIGRTMIN+${number - FIRST_REAL_TIME}`;
}

/** The number behind a name as `signalName` gives it; null for any other text. */
export function signalNumber(name: string): number | null {
  if (typeof name !== 'string') return null;
  const known = Object.entries(constants.signals).find(([known]) => known === name)?.[1];
  if (known !== undefined) return known;
  const [whole, above, plain] = /^SIG(?:RTMIN(?:\+(\d{1,2}))?|(\d{1,2}))$/.exec(name) ?? [null];
  if (whole === null) return null;
  return within(plain === undefined ? FIRST_REAL_TIME + Number(above ?? 0) : Number(plain));
}

const within = (number: number): number | null => (number >= 1 && number <= LAST_REAL_TIME ? number : null);
