/** Symbols that main once lost must be present in every candidate: the cheapest test that a fix is still there. */
import { type GitFault, gitFault } from '@gatehouse/gate-run';
import { type GitRepo, readBlob } from '@gatehouse/git';
import type { RegressionMarker } from './request.ts';

/** Whether every marked symbol is present. */
export type MarkerAnswer =
  | { readonly kind: 'present' }
  | {
      readonly kind: 'lost';
      /** Those that are not. */
      readonly markers: readonly RegressionMarker[];
    }
  | GitFault;

/** Larger files are not source. */
const MAX_BYTES = 16_777_216;

/** Searches for each marker's symbol, as a whole word, in its file at `commit`. */
export async function checkRegressionMarkers(request: {
  /** The mirror that holds the commits. */
  readonly git: GitRepo;
  /** Full object name of the commit. */
  readonly commit: string;
  /** Symbols that must be present in the candidate. */
  readonly markers: readonly RegressionMarker[];
  /** Ends the call early; what was started is ended, too. */
  readonly signal?: AbortSignal;
}): Promise<MarkerAnswer> {
  const { git, commit, signal } = request;
  const lost: RegressionMarker[] = [];
  for (const marker of request.markers) {
    const blob = await readBlob({ repo: git, commit, path: marker.file, maxBytes: MAX_BYTES, signal });
    switch (blob.kind) {
      case 'found':
        if (!containsWord(new TextDecoder().decode(blob.bytes), marker.symbol)) lost.push(marker);
        break;
      case 'absent':
      case 'too-large':
        lost.push(marker);
        break;
      default:
        return gitFault('read of a marker', blob);
    }
  }
  return lost.length === 0 ? { kind: 'present' } : { kind: 'lost', markers: lost };
}

const WORD = /[\p{L}\p{N}_$]/u;

/** Plain search, no pattern: a marker is data. A longer name that contains the symbol is not the symbol. */
function containsWord(text: string, symbol: string): boolean {
  if (symbol === '') return false;
  for (let at = text.indexOf(symbol); at !== -1; at = text.indexOf(symbol, at + 1)) {
    const before = text[at - 1] ?? ' ';
    const after = text[at + symbol.length] ?? ' ';
    if (!(WORD.test(before) && WORD.test(symbol[0] ?? '')) && !(WORD.test(after) && WORD.test(symbol.at(-1) ?? ''))) {
      return true;
    }
  }
  return false;
}
