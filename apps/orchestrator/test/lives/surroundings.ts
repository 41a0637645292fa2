/** What is outside of the service besides the forge: a tracker whose issue nobody can work on, and receivers of alerts. */
import { Plane, type PlaneItem, type Receivers, receivers } from '@gatehouse/doubles';
import { expect } from '@jest/globals';
import type { Environment } from '../../src/platform/process-environment.ts';
import { fullProfile } from '../full-profile.ts';
import { ask, type Door } from '../live-gatehouse.ts';

export class Surroundings {
  readonly plane: Plane;
  readonly told: Receivers;
  /** What the service is started with. */
  readonly environment: Environment;
  #item: PlaneItem | null = null;

  private constructor(plane: Plane, planeUrl: string, told: Receivers) {
    [this.plane, this.told] = [plane, told];
    this.environment = {
      ORCH_NOTIFY_WEBHOOK_URL: `${told.url}/hook`,
      ORCH_NOTIFY_WEBHOOK_SECRET: told.secret,
      ORCH_TELEGRAM_URL: told.url,
      ORCH_TELEGRAM_TOKEN: told.token,
      ORCH_TELEGRAM_CHAT_ID: '5',
      ORCH_PLANE_URL: planeUrl,
      ORCH_PLANE_TOKEN: plane.token,
      ORCH_PLANE_WEBHOOK_SECRET: plane.secret,
      ORCH_PLANE_WORKSPACE: plane.workspace,
      ORCH_PLANE_PROJECTS: 'WEB=web',
    };
  }

  static async open(): Promise<Surroundings> {
    const plane = new Plane();
    const planeUrl = await plane.start();
    plane.addProject('WEB', ['Backlog', 'To Analyse', 'Approved', 'STOP', 'Done']);
    return new Surroundings(plane, planeUrl, await receivers(['5']));
  }

  get secrets(): readonly string[] {
    return [this.plane.token, this.plane.secret, this.told.token, this.told.secret];
  }

  /** The repository that the issues are about; it has no agents. */
  async register(service: Door): Promise<void> {
    const { forge, policy } = await fullProfile({});
    const body = { id: 'web', path: forge.path, policy_path: policy, profile: 'full' };
    const added = await ask(service, '/repos', { body });
    if (added.status !== 201) throw new Error(added.text);
  }

  /** A person moves an issue to To Analyse. */
  begin(): void {
    const [project] = this.plane.projects;
    this.#item = this.plane.addItem(project?.id ?? '', 'Add a feature', { state: 'To Analyse' });
  }

  isTold(): boolean {
    return this.plane.comments.length > 0 && this.told.delivered.length > 0 && this.told.messages.length > 0;
  }

  /** A receiver whose answer nobody got may be told the same again, by the same id; Telegram has no ids to know it by. */
  expectToldOnce(): void {
    expect(this.plane.comments.filter(({ item }) => item === this.#item?.id)).toHaveLength(1);
    expect(new Set(this.told.delivered.map(({ headers }) => headers['x-gatehouse-delivery'])).size).toBe(1);
    expect(this.told.delivered.every(({ isSignatureRight }) => isSignatureRight === true)).toBe(true);
    expect(new Set(this.told.messages.map(({ text }) => text)).size).toBe(1);
  }

  /** Everything that people were told there. */
  texts(): readonly string[] {
    return [this.plane.comments, this.told.delivered.map(({ body }) => body), this.told.messages].map((said) =>
      JSON.stringify(said),
    );
  }

  async close(): Promise<void> {
    await Promise.all([this.plane.close(), this.told.close()]);
  }
}
