/** What must not be done twice at once at one place, in the order in which it was asked for. Kept in memory: one process knows all of it. */

export interface Turn {
  readonly isFirst: () => boolean;
  /** Settles once it is. */
  readonly first: Promise<void>;
  /** It was carried out, or is not wanted any more. */
  readonly leave: () => void;
}

export interface Turns {
  /** Stands behind everybody who is at the place. */
  enter(place: string): Turn;
}

export function createTurns(): Turns {
  const lines = new Map<string, PromiseWithResolvers<void>[]>();
  return {
    enter(place) {
      const own = Promise.withResolvers<void>();
      const line = lines.get(place) ?? [];
      lines.set(place, [...line, own]);
      if (line.length === 0) own.resolve();
      return {
        isFirst: () => lines.get(place)?.[0] === own,
        first: own.promise,
        leave: () => {
          const rest = (lines.get(place) ?? []).filter((one) => one !== own);
          if (rest.length === 0) lines.delete(place);
          else lines.set(place, rest);
          rest[0]?.resolve();
        },
      };
    },
  };
}
