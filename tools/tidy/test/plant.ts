import type { Overlay } from './small-repository.ts';

/** A fault, and the one violation that must report it. */
export interface Plant {
  readonly title: string;
  readonly rule: string;
  readonly overlay: Overlay;
  /** `path:line` of the violation. */
  readonly at: string;
  /** What the message must say. */
  readonly says: string;
  /** Rules of other guards that the same fault rightly breaks. */
  readonly also?: readonly string[];
}

/** Something that looks like a fault and is none: every guard stays green. */
export interface NearMiss {
  readonly title: string;
  readonly overlay: Overlay;
}
