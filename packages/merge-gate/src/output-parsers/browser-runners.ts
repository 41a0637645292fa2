/** Runners of tests in browsers: Karma and Playwright. Cypress prints Mocha's words. */
import { type Counts, type OutputParser, type Runner, Tally } from './counts.ts';

const EXECUTED = /^(.{1,200}?): Executed (\d{1,9}) of (\d{1,9})(.*)$/;
const KARMA_NAME = /^(.{1,200}?\(.{1,100}?\)) (.+) FAILED$/;
const MAX_BROWSERS = 50;

interface Progress {
  readonly ran: number;
  readonly total: number;
  readonly words: string;
}

/** Karma's progress and dots reporters: the last line of each browser counts. */
export const karma: Runner = { open: () => new KarmaParser() };

class KarmaParser implements OutputParser {
  readonly #tally = new Tally();
  readonly #browsers = new Map<string, Progress>();

  line(line: string): void {
    if (line.endsWith('FAILED')) this.#name(line);
    if (!line.includes(': Executed ')) return;
    const [, browser = '', ran, total, words = ''] = EXECUTED.exec(line) ?? [];
    if (ran === undefined || (this.#browsers.size >= MAX_BROWSERS && !this.#browsers.has(browser))) return;
    this.#browsers.set(browser, { ran: Number(ran), total: Number(total), words });
  }

  #name(line: string): void {
    const name = KARMA_NAME.exec(line)?.[2];
    if (name !== undefined) this.#tally.name(name);
  }

  end(): Counts | null {
    for (const { ran, total, words } of this.#browsers.values()) {
      const failed = Number(/\((\d{1,9}) FAILED\)/.exec(words)?.[1] ?? 0);
      const skipped = Number(/\(skipped (\d{1,9})\)/.exec(words)?.[1] ?? 0);
      const broken = /^ (?:ERROR|DISCONNECTED)\b/.test(words) ? 1 : 0;
      const done = Math.max(0, Math.min(ran, total - skipped));
      this.#tally.add({ ran: done, idle: Math.max(0, total - done), failures: failed + broken });
    }
    return this.#tally.counts();
  }
}

const PLAYWRIGHT_START = /^Running \d{1,9} tests? using \d{1,9} workers?/;
const PLAYWRIGHT =
  /^ {2}(\d{1,9}) (failed|interrupted|flaky|skipped|did not run|passed|errors? (?:was|were) not a part of any test.*)(?: \([\d.]+\w+\))?$/;
const PLAYWRIGHT_NAME = /^ {4}(\S.*?) *─*$/;

/** Playwright's list, line and dot reporters. A test that passed when tried again is no failure. */
export const playwright: Runner = { open: () => new PlaywrightParser() };

class PlaywrightParser implements OutputParser {
  readonly #tally = new Tally();
  #started = false;
  #inFailures = false;

  line(line: string): void {
    this.#started ||= PLAYWRIGHT_START.test(line);
    if (!this.#started) return;
    const isName = this.#inFailures && line.startsWith('    ');
    const name = isName ? PLAYWRIGHT_NAME.exec(line)?.[1] : undefined;
    if (name !== undefined) this.#tally.name(name.replace(/:\d+:\d+ › /, ' › '));
    if (!isName) this.#inFailures = false;
    const [, number, what = ''] = line.startsWith('  ') ? (PLAYWRIGHT.exec(line) ?? []) : [];
    if (number === undefined) return;
    const count = Number(number);
    this.#inFailures = what === 'failed' || what === 'interrupted';
    if (this.#inFailures) this.#tally.add({ ran: count, failures: count });
    else if (what.startsWith('error')) this.#tally.add({ ran: 0, failures: count });
    else if (what === 'passed' || what === 'flaky') this.#tally.add({ ran: count, failures: 0 });
    else this.#tally.add({ ran: 0, idle: count, failures: 0 });
  }

  end(): Counts | null {
    return this.#tally.counts();
  }
}
