/**
 * The statuses that ask for something, per project: found by name once and kept by id, so that a renamed one still asks and a
 * person is told of the new name.
 */
import type { IssueWish } from '../port.ts';

export type AskingWish = Exclude<IssueWish, 'nothing'>;
const WISHES: readonly AskingWish[] = ['start', 'approve', 'stop'];

export interface KnownState {
  readonly project: string;
  readonly wish: AskingWish;
  readonly stateId: string;
  readonly name: string;
}

/** Where ids are kept between starts. */
export interface StateMemory {
  trackerStates(): Promise<readonly KnownState[]>;
  recordTrackerState(state: KnownState): Promise<void>;
}

/** A status as Plane lists it. */
export interface ListedState {
  readonly id: string;
  readonly name: string;
}

export interface ResolvedStates {
  /** Id of a status to what it asks for. */
  readonly wishOf: ReadonlyMap<string, AskingWish>;
  readonly warnings: readonly string[];
  /** What is to be kept anew. */
  readonly found: readonly KnownState[];
}

export type StateNames = { readonly [Wish in AskingWish]: string };

/** `start=To Analyse, stop=STOP`, over the defaults. A text: what is wrong with it. */
export function parseStateNames(list: readonly string[]): StateNames | string {
  const names: Record<AskingWish, string> = { start: 'To Analyse', approve: 'Approved', stop: 'STOP' };
  for (const item of list) {
    const [wish = '', name = ''] = item.split(/=(.*)/s).map((part) => part.trim());
    if (!WISHES.includes(wish as AskingWish) || name === '')
      return `${JSON.stringify(item)} must be start=, approve= or stop= and the name of a status`;
    names[wish as AskingWish] = name;
  }
  return names;
}

interface ResolveRequest {
  readonly project: string;
  readonly listed: readonly ListedState[];
  readonly known: readonly KnownState[];
  readonly names: StateNames;
}

/** A known id wins while it is listed; then the name; else a warning says what is missing. */
export function resolveStates({ project, listed, known, names }: ResolveRequest): ResolvedStates {
  const wishOf = new Map<string, AskingWish>();
  const warnings: string[] = [];
  const found: KnownState[] = [];
  for (const wish of WISHES) {
    const name = names[wish];
    const kept = known.find((state) => state.project === project && state.wish === wish);
    // Another name in the settings is another status, whatever was kept for the old one.
    const byId = kept?.name === name ? listed.find(({ id }) => id === kept.stateId) : undefined;
    const state = byId ?? listed.find((one) => one.name.trim().toLowerCase() === name.toLowerCase());
    if (state === undefined) {
      warnings.push(`the project ${project} has no status ${JSON.stringify(name)}; make it, or set ORCH_PLANE_STATES`);
      continue;
    }
    if (byId !== undefined && byId.name.trim().toLowerCase() !== name.toLowerCase())
      warnings.push(
        `the status ${JSON.stringify(name)} of the project ${project} is called ${JSON.stringify(byId.name)} now; it still means ${wish}`,
      );
    wishOf.set(state.id, wish);
    if (kept?.stateId !== state.id || kept.name !== name) found.push({ project, wish, stateId: state.id, name });
  }
  return { wishOf, warnings, found };
}
