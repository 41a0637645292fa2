/** What a rule says of one changed file. */

/** One definition that the branch changed. `after` is null when it is gone. */
export interface ChangedDefinition {
  /** Relative to the root of the commit. */
  readonly path: string;
  /** For example `scripts.test`; of a shadow what it does, for example `is run in place of an installed program`. */
  readonly name: string;
  /** What base says there. */
  readonly before: string;
  /** What the branch says there. */
  readonly after: string | null;
  /** The path itself is at fault, not a value in it. */
  readonly shadows?: true;
}

/** `block`: it can make every test pass unseen. `warn`: ordinary work touches it often, so it is told. */
export interface Finding extends ChangedDefinition {
  readonly weight: 'block' | 'warn';
}

/** A path that stands where something installed is looked for. */
export const shadow = (weight: Finding['weight'], path: string, name: string): Finding => ({
  weight,
  path,
  name,
  before: '',
  after: null,
  shadows: true,
});

/** A file that decides how tests are run and changed. */
export const touchedFile = (path: string): Finding => ({ weight: 'warn', path, name: '', before: '', after: '' });
