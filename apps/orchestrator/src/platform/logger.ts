/** One JSON object per line. Logs are for people and collectors; no decision reads them. */
import { maskKnown, maskWords } from './mask-words.ts';
import { visibleJson } from './visible-text.ts';

export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>;
export interface Logger {
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

export interface JsonLog extends Logger {
  /** Resolves when every line is written. */
  settled(): Promise<void>;
}

/** A log that hands each finished line to `write`, secrets masked: in order, and at once where every word of it was seen before. */
export function jsonLog(write: (line: string) => void): JsonLog {
  let waiting: Promise<void> | null = null;
  const send = (line: string): void => {
    const known = waiting === null ? maskKnown(line) : null;
    if (known === null) later(line);
    else write(known);
  };
  function later(line: string): void {
    const sent = (waiting ?? Promise.resolve()).then(async () => write(await maskWords(line)));
    waiting = sent;
    void sent.then(() => {
      if (waiting === sent) waiting = null;
    });
  }
  const at =
    (level: string) =>
    (message: string, fields: LogFields = {}) =>
      send(visibleJson({ time: new Date().toISOString(), level, message, ...fields }));
  return {
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    settled: () => waiting ?? Promise.resolve(),
  };
}

/** For tests and commands that speak for themselves. */
export const silentLog: Logger = { info: () => {}, warn: () => {}, error: () => {} };
