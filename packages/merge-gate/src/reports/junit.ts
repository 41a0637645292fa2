/** JUnit XML as Surefire, Gradle, pytest, node:test, jest-junit and their many relatives write it. */
import { FailureList, type ReportReading } from './report-reading.ts';
import { scanXml, type XmlListener } from './scan-xml.ts';

const NOT_RUN = new Set(['notrun', 'disabled', 'skipped', 'ignored']);
const DETAIL_CHARS = 4_000;
const MAX_WORDS_OF_ONE = 10;

interface OpenCase {
  readonly parts: readonly string[];
  idle: boolean;
  /** Why it failed, each in the words of the report. */
  readonly failures: string[];
}

/** Counts `<testcase>` elements; totals in attributes are ignored. Total. */
export function readJunit(text: string): ReportReading {
  const reader = new JunitReader();
  const fault = scanXml(text, reader);
  if (fault !== null) return { kind: 'unreadable', reason: fault };
  if (!reader.isJunit) return { kind: 'unreadable', reason: 'it is XML, but no JUnit report' };
  const { total, ran, failures } = reader;
  return { kind: 'read', total, ran, failures: failures.kept, failing: failures.count };
}

/** Reads in document order; a suite that fails outside of any test counts as a failing name and as no test. */
class JunitReader implements XmlListener {
  readonly failures = new FailureList();
  isJunit = false;
  total = 0;
  ran = 0;
  readonly #elements: string[] = [];
  readonly #suites: string[] = [];
  readonly #cases: OpenCase[] = [];
  #words: string | null = null;

  open(name: string, attributes: ReadonlyMap<string, string>): void {
    if (this.#elements.length === 0) this.isJunit = name === 'testsuites' || name === 'testsuite';
    const parent = this.#elements.at(-1);
    this.#elements.push(name);
    if (name === 'testsuite') this.#suites.push(attributes.get('name') ?? '');
    if (name === 'testcase') this.#openCase(attributes);
    const current = parent === 'testcase' ? this.#cases.at(-1) : undefined;
    if (name === 'skipped' && current !== undefined) current.idle = true;
    if ((name === 'failure' || name === 'error') && (current !== undefined || parent === 'testsuite')) {
      this.#words = `${attributes.get('message') ?? attributes.get('type') ?? ''}\n`;
    }
  }

  text(text: string): void {
    if (this.#words !== null && this.#words.length < DETAIL_CHARS) this.#words += text.slice(0, DETAIL_CHARS);
  }

  close(name: string): void {
    this.#elements.pop();
    if (name === 'testsuite') this.#suites.pop();
    if (name === 'testcase') this.#closeCase();
    if ((name === 'failure' || name === 'error') && this.#words !== null) {
      const detail = withoutRepetition(this.#words);
      const failing = this.#cases.at(-1);
      if (failing === undefined) this.failures.add(this.#suites, detail);
      else if (failing.failures.length < MAX_WORDS_OF_ONE) failing.failures.push(detail);
      this.#words = null;
    }
  }

  #openCase(attributes: ReadonlyMap<string, string>): void {
    // node:test writes `test` for every class; it means nothing.
    const owner = attributes.get('classname') ?? '';
    const parts = [...this.#suites, owner === 'test' ? '' : owner, attributes.get('name') ?? ''];
    this.#cases.push({ parts, idle: NOT_RUN.has(attributes.get('status') ?? ''), failures: [] });
  }

  #closeCase(): void {
    const ended = this.#cases.pop();
    this.total += 1;
    // A test marked to be done is written as skipped and, where it fails, as failing, too: it was expected to.
    if (ended === undefined || ended.idle) return;
    this.ran += 1;
    if (ended.failures.length > 0) this.failures.add(ended.parts, ended.failures.join('\n'));
  }
}

/** Most writers repeat the message as the first line of the text. */
function withoutRepetition(words: string): string {
  const [message = '', ...rest] = words.split('\n');
  const text = rest.join('\n').trim();
  return message === '' || text.startsWith(message.trim()) ? text : `${message}\n${text}`;
}
