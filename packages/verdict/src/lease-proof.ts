/**
 * Evidence that its holder was granted a repository's merge lease. Functions that need the lease ask for this
 * value, so "did you take the lease?" is a type error and not a review comment. Only a lease implementation
 * constructs one (tools/tidy names the files that may).
 */
export class LeaseProof {
  /** Makes the type nominal: an object of the same shape is not a proof. */
  readonly #minted = true;
  /** The repository whose main the holder may move. */
  readonly repo: string;
  /** The name that the lease was taken under. */
  readonly holder: string;
  /** Fencing token; only grows within a repository. */
  readonly token: number;

  constructor(repo: string, holder: string, token: number) {
    this.repo = repo;
    this.holder = holder;
    this.token = token;
  }

  /** True for a value that a lease implementation really minted, whatever it is given. */
  static isMinted(value: unknown): value is LeaseProof {
    return typeof value === 'object' && value !== null && #minted in value;
  }
}
