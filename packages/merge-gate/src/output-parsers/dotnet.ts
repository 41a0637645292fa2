import { type Counts, type OutputParser, type Runner, Tally } from './counts.ts';

const ASSEMBLY =
  /^(?:Passed|Failed|Skipped)! +- Failed: +(\d{1,9}), Passed: +(\d{1,9}), Skipped: +(\d{1,9}), Total: +(\d{1,9})/;
const RUN = /^Test summary: total: (\d{1,9}), failed: (\d{1,9}), succeeded: (\d{1,9}), skipped: (\d{1,9})/;
const NAME = /^ {2}Failed (\S.*?) \[[^\]]*\]$/;

/** `dotnet test`: VSTest's line for each assembly, or the terminal logger's for the run, which follows those. */
export const dotnet: Runner = { starts: 'PFST', open: () => new DotnetParser() };

class DotnetParser implements OutputParser {
  readonly #assemblies = new Tally();
  readonly #runs = new Tally();

  line(line: string): void {
    const name = NAME.exec(line)?.[1];
    if (name !== undefined) for (const tally of [this.#assemblies, this.#runs]) tally.name(name);
    const assembly = ASSEMBLY.exec(line)?.slice(1).map(Number);
    if (assembly !== undefined) {
      const [failures = 0, passed = 0, idle = 0] = assembly;
      this.#assemblies.add({ ran: failures + passed, idle, failures });
    }
    const run = RUN.exec(line)?.slice(1).map(Number);
    if (run === undefined) return;
    const [, failures = 0, passed = 0, idle = 0] = run;
    this.#runs.add({ ran: failures + passed, idle, failures });
  }

  end(): Counts | null {
    return this.#assemblies.counts() ?? this.#runs.counts();
  }
}
