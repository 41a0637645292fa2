/** One JSON object per line. Logs are for people and collectors; no decision reads them. */
import { visibleJson } from './visible-text.ts';

export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>;
export interface Logger {
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

/** A log that hands each finished line to `write`. */
export function jsonLog(write: (line: string) => void): Logger {
  const at =
    (level: string) =>
    (message: string, fields: LogFields = {}) =>
      write(visibleJson({ time: new Date().toISOString(), level, message, ...fields }));
  return { info: at('info'), warn: at('warn'), error: at('error') };
}

/** For tests and commands that speak for themselves. */
export const silentLog: Logger = { info: () => {}, warn: () => {}, error: () => {} };
