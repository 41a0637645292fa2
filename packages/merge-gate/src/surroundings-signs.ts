/**
 * What a tool says for want of something around the checkout. Read only in the output of main's own run, in the tool's own words: a
 * branch cannot have said it, and a suite that is red for it is red on every commit. What can be given is given, so the list is short.
 */

interface Sign {
  readonly says: RegExp;
  /** What is missing and what to do, by what the expression found. */
  readonly words: (found: string) => string;
}

const SIGNS: readonly Sign[] = [
  {
    says: /^(?:fatal|error): (?:'origin' does not appear to be a git repository|No such remote:? '?origin'?)/m,
    words: () => 'the checkout has no remote `origin`: let test.setup add it',
  },
  {
    says: /^(?:fatal: (?:empty ident name|unable to auto-detect email address)|\*\*\* Please tell me who you are\.)/m,
    words: () => 'git has no name to commit under: let test.setup set user.name and user.email',
  },
  {
    says: /^error: rustup could not choose a version of \w+ to run/m,
    words: () => 'rustup finds no toolchain, as HOME is new for each run: name RUSTUP_HOME in test.env',
  },
  {
    says: /^(?:\/bin\/)?(?:ba|da|z)?sh: (?:line )?\d+: ([\w.+-]{1,60}): (?:command )?not found$/m,
    words: (program) => `the program ${program} is not there: install it, or let test.setup do so`,
  },
];

/** The first thing that was missing, in words; null: none is named. Linear. */
export function missingBySigns(output: string): string | null {
  for (const { says, words } of SIGNS) {
    const found = says.exec(output);
    if (found !== null) return words(found[1] ?? '');
  }
  return null;
}
