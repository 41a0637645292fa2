/**
 * Which of many secrets stand in a text, in one pass over its bytes. A 64 Ki-entry filter on the first four bytes of
 * each secret turns away nearly every position before anything is compared.
 */
export class KnownSearch {
  readonly #filter = new Uint8Array(65_536);
  readonly #byPrefix = new Map<number, { readonly key: string; readonly bytes: Buffer }[]>();
  readonly found: Set<string> = new Set();

  /** Secrets shorter than four bytes are never searched: they prove nothing. */
  constructor(secrets: ReadonlyMap<string, string>) {
    for (const [key, secret] of secrets) {
      const bytes = Buffer.from(secret, 'utf8');
      if (bytes.length < 4) continue;
      const prefix = bytes.readUInt32BE(0);
      this.#filter[slot(prefix)] = 1;
      this.#byPrefix.set(prefix, [...(this.#byPrefix.get(prefix) ?? []), { key, bytes }]);
    }
  }

  /** Adds to `found` the keys of all secrets that stand in `text`. */
  scan(text: Buffer): void {
    let prefix = 0;
    for (let at = 0; at < text.length; at += 1) {
      prefix = ((prefix << 8) | (text[at] ?? 0)) >>> 0;
      if (this.#filter[slot(prefix)] === 0 || at < 3) continue;
      for (const { key, bytes } of this.#byPrefix.get(prefix) ?? [])
        if (!this.found.has(key) && text.subarray(at - 3, at - 3 + bytes.length).equals(bytes)) this.found.add(key);
    }
  }
}

const slot = (prefix: number): number => (Math.imul(prefix, 0x9e3779b1) >>> 16) & 0xffff;
