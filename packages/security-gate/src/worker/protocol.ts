/** What passes between the gate and its scanner. No message from the scanner can hold a secret. */
import type { Encoding } from '../text/views.ts';

/** A text to scan under the caller's own name for it. */
export interface ScanItem {
  readonly id: string;
  readonly bytes: Uint8Array;
}

/** A secret's place in an item. `secret` is its HMAC under the key of this run. */
export interface Hit {
  readonly id: string;
  readonly rule: string;
  readonly why: string;
  readonly secret: string;
  readonly line: number;
  readonly column: number;
  readonly length: number;
  readonly encoding: Encoding;
  /** The lines of every code that holds it; empty where it stands only as it is. */
  readonly coded: readonly CodedLines[];
}

/** Lines of a text; a wrapped code takes several. */
export interface CodedLines {
  readonly line: number;
  readonly lastLine: number;
}

/** The rule of a hit that says that an item holds more secrets than are told. */
export const FLOOD = 'secret/flood';

export type Order =
  | { readonly kind: 'scan'; readonly items: readonly ScanItem[] }
  | Adoption
  | { readonly kind: 'known'; readonly texts: readonly Uint8Array[] }
  | { readonly kind: 'fingerprint'; readonly wanted: readonly WantedSecret[] };

/** What another scanner found in the items of the last scan, in its own words; `ids` are in the order in which it was given them. */
export interface Adoption {
  readonly kind: 'adopt';
  readonly format: 'gitleaks';
  readonly ids: readonly string[];
  readonly report: Uint8Array;
}

/** A fingerprint that is asked for. */
export interface WantedSecret {
  readonly secret: string;
  readonly rule: string;
  readonly path: string;
}

export type Reply =
  | {
      readonly kind: 'scanned';
      readonly ids: readonly string[];
      readonly hits: readonly Hit[];
      readonly opaque: readonly Opaque[];
    }
  /** `hits` are those that nobody else had. */
  | { readonly kind: 'adopted'; readonly hits: readonly Hit[] }
  | { readonly kind: 'known'; readonly secrets: readonly string[] }
  | { readonly kind: 'fingerprinted'; readonly fingerprints: readonly string[] }
  | { readonly kind: 'engine-failed'; readonly reason: string };

/** An item whose bytes were scanned but whose content stays hidden. */
export interface Opaque {
  readonly id: string;
  readonly reason: 'compressed' | 'lfs-pointer';
}
