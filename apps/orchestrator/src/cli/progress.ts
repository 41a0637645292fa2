/**
 * What is going on, on stderr: on a terminal one live line for whatever takes longer than two seconds, elsewhere plain lines now and
 * then. Never on stdout.
 */
import { visibleLine } from '../platform/visible-text.ts';
import { cut } from './table.ts';

/** Something shorter is over before a person has read the line. */
const SHOWN_AFTER_MS = 2_000;
const REDRAWN_MS = 1_000;
const PLAIN_EVERY_MS = 30_000;
const CLEAR = '\r\u001b[K';

export interface Step {
  readonly what: string;
  /** How long it took before, where that is known. */
  readonly expectedMs?: number;
  /** Told at once where there is no terminal; a step that is not comes up only when it takes long. [true] */
  readonly announced?: boolean;
}

export interface Progress {
  /** Whether a person watches a terminal. */
  readonly isLive: boolean;
  /** Begins a step, which ends the one before. */
  readonly step: (step: Step) => void;
  /** A line that stays, about what was done or what is meant. */
  readonly note: (line: string) => void;
  /** Nothing is going on any more. */
  readonly done: () => void;
  /** Takes the live line away, so that something else can be written; it comes back by itself. */
  readonly clear: () => void;
  /** Says nothing from here on. */
  readonly silence: () => void;
}

export interface ProgressPlace {
  readonly write: (text: string) => void;
  /** Columns of the terminal; null: there is none. */
  readonly columns: number | null;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  /** Calls back again and again until it is stopped; keeps no process alive. */
  readonly every: (ms: number, tick: () => void) => { readonly stop: () => void };
}

/** The clock of this process. */
export const OWN_CLOCK: Pick<ProgressPlace, 'now' | 'every'> = {
  now: () => performance.now(),
  every: (ms, tick) => {
    const timer = setInterval(tick, ms).unref();
    return { stop: () => clearInterval(timer) };
  },
};

/** A progress that writes at a place. */
export function progressAt({ write, columns, now, every }: ProgressPlace): Progress {
  let running: { readonly step: Step; readonly since: number; told: number } | null = null;
  let isDrawn = false;
  let timer: { readonly stop: () => void } | null = null;
  let isSilent = false;
  const clear = (): void => {
    if (isDrawn) write(CLEAR);
    isDrawn = false;
  };
  const tick = (): void => {
    if (running === null) return;
    const elapsed = now() - running.since;
    const said = `${visibleLine(running.step.what)} … ${clock(elapsed)}${expectation(running.step)}`;
    if (columns !== null && elapsed >= SHOWN_AFTER_MS) {
      write(`${isDrawn ? CLEAR : ''}${cut(`gatehouse: ${said}`, columns - 1)}`);
      isDrawn = true;
    }
    if (columns === null && now() - running.told >= PLAIN_EVERY_MS) {
      running.told = now();
      write(`gatehouse: ${said}\n`);
    }
  };
  const done = (): void => {
    clear();
    running = null;
    timer?.stop();
    timer = null;
  };
  return {
    isLive: columns !== null,
    clear,
    done,
    note: (line) => {
      if (isSilent) return;
      clear();
      write(`gatehouse: ${visibleLine(line)}\n`);
    },
    silence: () => {
      done();
      isSilent = true;
    },
    step: (step) => {
      if (isSilent) return;
      clear();
      running = { step, since: now(), told: now() };
      timer ??= every(REDRAWN_MS, tick);
      if (columns === null && step.announced !== false) write(`gatehouse: ${visibleLine(step.what)} …\n`);
    },
  };
}

/** `48 s`, `3 m 05 s`, `1 h 02 m`. */
export function clock(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const two = (number: number): string => String(number).padStart(2, '0');
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} m ${two(seconds % 60)} s`;
  return `${Math.floor(seconds / 3600)} h ${two(Math.floor(seconds / 60) % 60)} m`;
}

const expectation = ({ expectedMs }: Step): string =>
  expectedMs === undefined ? '' : ` of about ${clock(Math.max(1000, expectedMs))}`;
