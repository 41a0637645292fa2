/**
 * A whole life of twenty-odd pull requests at a double of a forge: the real service before it, webhooks between them, and what
 * people read at the end. A part of it is played with GATEHOUSE_REQUIRE_TOOLS=1, and all of it with PULL_REQUEST_LIVES=all
 * (soak/pull-request-lives.mjs).
 */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { jsonLog } from '../src/platform/logger.ts';
import { type RunningService, startService } from '../src/running-service.ts';
import { settingsFrom, until } from './live-gatehouse.ts';
import { FATES } from './lives/fates.ts';
import type { ForgeName } from './lives/forge-side.ts';
import { Life, newRepository } from './lives/life.ts';
import { type CommandLines, placesOf, watchCommandLines } from './lives/planted.ts';
import { Surroundings } from './lives/surroundings.ts';
import { scratchFolder } from './scratch-forge.ts';

const isWhole = process.env['PULL_REQUEST_LIVES'] === 'all';
const DUE = FATES.filter(({ inTests = false }) => isWhole || inTests);

export function livesOfPullRequests(name: ForgeName): void {
  describe(`pull requests at ${name}`, () => {
    let life: Life;
    let around: Surroundings;
    let service: RunningService;
    let commands: CommandLines | null = null;
    const lines: string[] = [];
    const dataDir = join(scratchFolder(), 'data');
    beforeAll(async () => {
      if (isWhole) commands = watchCommandLines();
      [life, around] = [await Life.open(name, await newRepository()), await Surroundings.open()];
      const settings = settingsFrom({
        ...{ ORCH_DATA_DIR: dataDir, ORCH_PORT: '0', ORCH_POLL_S: '1' },
        ...{ ORCH_MERGE_INFRA_BACKOFF_S: '0.2', ORCH_STOP_GRACE_S: '0.5', ORCH_QUEUE_ON_APPROVAL: 'true' },
        ...life.side.environment,
        ...around.environment,
      });
      const started = await startService(
        settings,
        jsonLog((line) => void lines.push(line)),
      );
      if (started.kind !== 'running') throw new Error(started.problem);
      service = started;
      const repo = { id: 'app', main: 'main', profile: 'gates-only', atMs: Date.now(), ...life.side.where } as const;
      await service.context.store.addRepo(repo);
      life.side.sendWebhooksTo(service.url);
    });
    afterAll(async () => {
      commands?.end();
      await service?.stop();
      await life?.side.close();
      await around?.close();
    });

    for (const fate of DUE) test(fate.name, () => fate.play(life).finally(() => life.goOnAll()));

    test('an issue of the tracker that nobody can work on is answered there once, and is one alert', async () => {
      await around.register(service);
      around.begin();
      await until('people are told', async () => around.isTold());
      around.expectToldOnce();
    });

    test('at the end main has what landed once, no branch is left, and no pull request is as it should not be', async () => {
      const { store } = service.context;
      await until('everything is told', async () => (await store.queueCounts(Date.now())).outboxPending === 0);
      await life.expectAllInOrder();
    });

    test('no credential is in a log, a row, a file, a configuration of git, a word to people or a command line', async () => {
      const secrets = [...life.side.secrets, ...around.secrets];
      const comments = await Promise.all(life.expected.map(({ number }) => life.side.people.commentsOf(number)));
      const texts = {
        log: lines,
        comments: comments.flat().map(({ text }) => text),
        elsewhere: around.texts(),
        commands: [...(commands?.seen ?? [])],
      };
      const searched = { folders: [dataDir, life.forge.path], texts };
      expect(placesOf(secrets, searched)).toEqual([]);
      // What is no secret is found in all of them.
      const found = placesOf([life.side.where.url, 'landed', 'a pull request is queued'], searched);
      expect(found).toEqual(expect.arrayContaining(['log', 'comments', join(dataDir, 'gatehouse.db')]));
      expect(found.includes('commands')).toBe(isWhole);
    });
  });
}
