/** One short life of the service as a process that may be killed, with all that is outside of it: forge, tracker, receiver of alerts. */
import { join } from 'node:path';
import { expect } from '@jest/globals';
import SqliteDatabase from 'better-sqlite3';
import { ask, until } from '../live-gatehouse.ts';
import { scratchFolder } from '../scratch-forge.ts';
import { type ServiceProcess, serviceProcess } from '../service-faults/service-process.ts';
import type { Outside } from './calls.ts';
import type { ForgeName } from './forge-side.ts';
import { Life, type NewRepository } from './life.ts';
import { Surroundings } from './surroundings.ts';

/** A pull request that lands, one that is red, an issue of the tracker that nobody can work on: an alert and a comment. */
export const STORIES = ['landed', 'red', 'alert'] as const;
export type Story = (typeof STORIES)[number];

export class KilledLife {
  readonly life: Life;
  readonly story: Story;
  readonly outsides: readonly Outside[];
  service: ServiceProcess;
  readonly #around: Surroundings;
  readonly #start: () => Promise<ServiceProcess>;
  #number = 0;

  private constructor(parts: {
    readonly life: Life;
    readonly story: Story;
    readonly around: Surroundings;
    readonly start: () => Promise<ServiceProcess>;
    readonly service: ServiceProcess;
  }) {
    [this.life, this.story, this.#around] = [parts.life, parts.story, parts.around];
    [this.#start, this.service] = [parts.start, parts.service];
    this.outsides = [
      { name: parts.life.side.name, faults: parts.life.side.faults, token: parts.life.side.token },
      { name: 'plane', faults: parts.around.plane.faults },
      { name: 'receivers', faults: parts.around.told.faults },
    ];
  }

  /** The service runs and knows its repository; nothing is asked for yet. */
  static async open(forge: ForgeName, story: Story, template: NewRepository): Promise<KilledLife> {
    const life = await Life.open(forge, { forge: template.forge.copy(), desk: template.desk });
    const around = await Surroundings.open();
    const environment = {
      ...life.side.environment,
      ORCH_MERGE_INFRA_BACKOFF_S: '0.2',
      ORCH_COVERAGE_ENABLED: 'false',
      ORCH_SECURITY_GATE_ENABLED: 'false',
      ...(story === 'alert' ? around.environment : {}),
    };
    const dataDir = join(scratchFolder(), 'data');
    const world = { path: process.env['PATH'] ?? '', desk: life.desk };
    const start = () => serviceProcess(world, dataDir, environment);
    const killed = new KilledLife({ life, story, around, start, service: await start() });
    if (story === 'alert') await around.register(killed.service);
    else await addApp(killed.service, life);
    return killed;
  }

  /** A person asks for something. */
  async begin(): Promise<void> {
    if (this.story === 'alert') return this.#around.begin();
    this.#number = await this.life.labelled(this.story, {
      [`${this.story}.txt`]: `${this.story}\n`,
      ...(this.story === 'red' ? { broken: '' } : {}),
    });
  }

  async startAgain(): Promise<void> {
    this.service = await this.#start();
    this.life.side.sendWebhooksTo(this.service.url);
  }

  /** Whether all of it is over and told. Asks the outside nothing. */
  async isOver(): Promise<boolean> {
    if (this.story === 'alert') return this.#around.isTold() && this.#isQuiet();
    const comments = await this.life.read(this.#number);
    const end = this.story === 'landed' ? 'landed on' : 'removed from the queue';
    if (!comments.some((text) => text.includes(end))) return false;
    return (this.story === 'red' || !this.life.heads().includes('landed')) && this.#isQuiet();
  }

  /** Nothing waits to be told, and nothing is at work. */
  #isQuiet(): boolean {
    const db = new SqliteDatabase(join(this.service.context.dataDir, 'gatehouse.db'), { readonly: true });
    try {
      return (db.prepare(WAITING).get() as { readonly n: number }).n === 0;
    } finally {
      db.close();
    }
  }

  /** Once each: a comment, a landing, an alert. Throws what is not so. */
  async expectOnce(): Promise<void> {
    if (this.story === 'alert') return this.#around.expectToldOnce();
    const { life } = this;
    expect(await life.read(this.#number)).toHaveLength(1);
    if (this.story === 'landed') {
      await life.landed(this.#number, 'landed');
      expect(await life.status(life.forge.head('main'))).toMatch(/^success: landed as /);
    } else {
      await life.ends(this.#number, 'red', 'open');
      expect(await life.status(life.forge.head('red'))).toMatch(/^failure: removed/);
    }
    await life.expectAllInOrder();
  }

  async close(): Promise<void> {
    this.service.kill();
    await until('the service is gone', async () => this.service.endedBy() !== null);
    await Promise.all([this.life.side.close(), this.#around.close()]);
  }
}

const WAITING = `select
  (select count(*) from outbox where state = 'pending')
  + (select count(*) from jobs where state in ('ready', 'leased') and kind <> 'probe') as n`;

async function addApp(service: ServiceProcess, life: Life): Promise<void> {
  const added = await ask(service, '/repos', { body: { id: 'app', profile: 'gates-only', ...life.side.where } });
  if (added.status !== 201) throw new Error(added.text);
  life.side.sendWebhooksTo(service.url);
}
