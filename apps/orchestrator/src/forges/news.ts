/** What a verified webhook of a forge says is to be read again. It is a hint: of its content only this is used. */

export interface ForgeNews {
  /** The repository as every url of it is compared: `host/owner/name` in lower case, without `.git`. */
  readonly repository: string;
  /** Null: the repository as a whole, its branches and main. */
  readonly pullRequest: number | null;
  /** What a person wrote in a new comment, and who pressed the key; null: nothing. */
  readonly comment: { readonly by: string; readonly text: string } | null;
}
