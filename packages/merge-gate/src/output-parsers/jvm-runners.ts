/** Runners of tests on the JVM: Maven Surefire and Failsafe, Gradle, and the console launcher of JUnit. */
import { type Counts, DIGITS, type OutputParser, type Runner, Tally, withBuilds } from './counts.ts';

const RESULTS =
  /^(?:\[(?:INFO|ERROR|WARNING)\] )?Tests run: ?(\d{1,9}), Failures: ?(\d{1,9}), Errors: ?(\d{1,9})(?:, Skipped: ?(\d{1,9}))?(?:, Flakes: ?\d{1,9})?$/;
const NAMED = /^(?:\[ERROR\] )?(\S+?)(?: -- | {2}).*<<< (?:FAILURE|ERROR)!/;
const COMPILATION = /^\[ERROR\] COMPILATION ERROR\b/;
const COMPILED_MODULE = /^\[ERROR\] Failed to execute goal \S+:(?:testCompile|compile) \([^)]*\) on project (\S+?):/;

/** Surefire and Failsafe below Maven: the line of results of each module; those of single classes end in a time. */
export const surefire: Runner = { starts: '[Tabcdefghijklmnopqrstuvwxyz', open: () => new SurefireParser() };

class SurefireParser implements OutputParser {
  readonly #tally = new Tally();
  #uncompiled = false;
  #module: string | null = null;

  line(line: string): void {
    const results = RESULTS.exec(line);
    if (results !== null) this.#add(results.slice(1).map((number) => Number(number ?? 0)));
    if (!line.includes('<<<') && !line.startsWith('[ERROR]')) return;
    const name = NAMED.exec(line)?.[1];
    if (name !== undefined && !name.startsWith('Tests')) this.#tally.name(name);
    if (COMPILATION.test(line)) this.#uncompiled = true;
    this.#module ??= COMPILED_MODULE.exec(line)?.[1] ?? null;
  }

  #add([run = 0, failures = 0, errors = 0, skipped = 0]: readonly number[]): void {
    this.#tally.add({ ran: Math.max(0, run - skipped), idle: skipped, failures: failures + errors });
  }

  end(): Counts | null {
    return withBuilds(this.#tally.counts(), this.#uncompiled ? [`${this.#module ?? '(module)'} (build)`] : []);
  }
}

const GRADLE = /^(\d{1,9}) tests? completed(?:, (\d{1,9}) failed)?(?:, (\d{1,9}) skipped)?$/;
const GRADLE_NAME = /^(\S+ > .+) FAILED$/;

/** Gradle counts its tests only when one failed, and is then quoted; a green build is not counted. */
export const gradle: Runner = { open: () => new GradleParser() };

class GradleParser implements OutputParser {
  readonly #tally = new Tally();

  line(line: string): void {
    const name = line.endsWith(' FAILED') ? GRADLE_NAME.exec(line)?.[1] : undefined;
    if (name !== undefined) this.#tally.name(name);
    if (!line.includes(' completed')) return;
    const [, run, failed, skipped] = GRADLE.exec(line) ?? [];
    if (run === undefined) return;
    const idle = Number(skipped ?? 0);
    this.#tally.add({ ran: Math.max(0, Number(run) - idle), idle, failures: Number(failed ?? 0) });
  }

  end(): Counts | null {
    return this.#tally.counts();
  }
}

const CONSOLE = /^\[ +(\d{1,9}) (tests|containers) (found|skipped|aborted|started|failed) +\]$/;
const CONSOLE_NAME = /^ {2}(\S.*)$/;

/** JUnit Platform Console Launcher. An aborted test (a failed assumption) did not run to its end and proves nothing. */
export const junitConsole: Runner = { starts: `[JFT${DIGITS}`, open: () => new JunitConsoleParser() };

class JunitConsoleParser implements OutputParser {
  readonly #tally = new Tally();
  readonly #sums = new Map<string, number>();
  #inFailures = false;

  line(line: string): void {
    if (line.startsWith('Failures (')) this.#inFailures = true;
    if (line.startsWith('Test run finished')) this.#inFailures = false;
    const name = this.#inFailures ? CONSOLE_NAME.exec(line)?.[1] : undefined;
    if (name?.startsWith('JUnit ')) this.#tally.name(name);
    const [, number, what, how] = CONSOLE.exec(line) ?? [];
    if (number !== undefined) this.#sums.set(`${what} ${how}`, Number(number));
    if (what === 'tests' && how === 'failed') this.#add();
  }

  #add(): void {
    const of = (words: string): number => this.#sums.get(words) ?? 0;
    const idle = of('tests skipped') + of('tests aborted');
    const failures = of('tests failed') + of('containers failed');
    this.#tally.add({ ran: Math.max(0, of('tests found') - idle), idle, failures });
    this.#sums.clear();
  }

  end(): Counts | null {
    return this.#tally.counts();
  }
}
