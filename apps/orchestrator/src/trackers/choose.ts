/** Which tracker the settings name, if any. */
import { noTracker } from './none.ts';
import { planeClient } from './plane/client.ts';
import { planeTracker } from './plane/plane.ts';
import { parseStateNames, type StateMemory } from './plane/states.ts';
import type { Tracker } from './port.ts';

/** The part of the settings that names a tracker. */
export interface TrackerSettings {
  readonly planeUrl: string;
  readonly planeToken: string;
  readonly planeWebhookSecret: string;
  readonly planeWorkspace: string;
  readonly planeProjects: readonly string[];
  readonly planeStates: readonly string[];
}

export type TrackerAnswer =
  | { readonly kind: 'tracker'; readonly tracker: Tracker }
  | { readonly kind: 'invalid'; readonly problem: string };

/** Half of a tracker is a mistake that is said at start, not a tracker that is silently off. */
export function chooseTracker(settings: TrackerSettings, memory: StateMemory, now: () => number): TrackerAnswer {
  const { planeUrl: url, planeToken: token, planeWorkspace: workspace, planeProjects } = settings;
  if (url === '') return { kind: 'tracker', tracker: noTracker };
  const invalid = (problem: string): TrackerAnswer => ({ kind: 'invalid', problem });
  if (!/^https?:\/\//.test(url) || !URL.canParse(url))
    return invalid('ORCH_PLANE_URL must begin with https:// or http://');
  if (token === '') return invalid('ORCH_PLANE_TOKEN is not set; make an API key in the profile settings of Plane');
  if (workspace === '')
    return invalid('ORCH_PLANE_WORKSPACE is not set; it is the slug in the address of the workspace');
  const projects = new Map(planeProjects.map((item) => item.split('=').map((part) => part.trim()) as [string, string]));
  const broken = [...projects].find(([project, repo]) => project === '' || repo === undefined || repo === '');
  if (projects.size === 0 || broken !== undefined)
    return invalid('ORCH_PLANE_PROJECTS must be such as `WEB=shop, API=backend`: a project and its repository');
  const names = parseStateNames(settings.planeStates);
  if (typeof names === 'string') return invalid(`ORCH_PLANE_STATES: ${names}`);
  const client = planeClient({ url, token, workspace, now });
  return {
    kind: 'tracker',
    tracker: planeTracker({ client, projects, names, memory, webhookSecret: settings.planeWebhookSecret, now }),
  };
}
