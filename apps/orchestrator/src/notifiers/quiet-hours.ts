/** Hours in which only what is critical is told. Times of the day are those of a time zone, with its change of the clock. */

export interface QuietHours {
  /** Minutes of the day, 0 to 1439; the end may be the next day's. */
  readonly fromMinute: number;
  readonly toMinute: number;
  /** As in the IANA database. */
  readonly timeZone: string;
}

const MINUTE_MS = 60_000;
const DAY_MINUTES = 1_440;

/** `22:00-07:30`; null: it is none. */
export function parseQuietHours(text: string, timeZone: string): QuietHours | null {
  const found = /^([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)$/.exec(text);
  if (found === null || !isTimeZone(timeZone)) return null;
  const [, fromHour, fromMin, toHour, toMin] = found.map(Number) as [number, number, number, number, number];
  const [fromMinute, toMinute] = [fromHour * 60 + fromMin, toHour * 60 + toMin];
  return fromMinute === toMinute ? null : { fromMinute, toMinute, timeZone };
}

/** Epoch ms at which the quiet hours around `nowMs` end; `nowMs` when there are none now. */
export function endOfQuiet(quiet: QuietHours, nowMs: number): number {
  if (!isQuiet(quiet, nowMs)) return nowMs;
  // By steps of a minute from the next full one: a day whose clock changes is not 24 hours long.
  let at = Math.floor(nowMs / MINUTE_MS) * MINUTE_MS;
  for (let step = 0; step < DAY_MINUTES + 120 && isQuiet(quiet, at); step += 1) at += MINUTE_MS;
  return at;
}

function isQuiet({ fromMinute, toMinute, timeZone }: QuietHours, atMs: number): boolean {
  const minute = minuteOfDay(timeZone, atMs);
  return fromMinute < toMinute ? minute >= fromMinute && minute < toMinute : minute >= fromMinute || minute < toMinute;
}

const clocks = new Map<string, Intl.DateTimeFormat>();

function minuteOfDay(timeZone: string, atMs: number): number {
  const clock =
    clocks.get(timeZone) ??
    new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  clocks.set(timeZone, clock);
  const [hour = '0', minute = '0'] = clock.format(atMs).split(':');
  return Number(hour) * 60 + Number(minute);
}

const isTimeZone = (name: string): boolean => name === 'UTC' || Intl.supportedValuesOf('timeZone').includes(name);
