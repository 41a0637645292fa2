/** Twelve tasks, four agents at once, and an audit by git and the store. Minutes long, so GATEHOUSE_REQUIRE_TOOLS=1 runs it: CI does. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  apiClient,
  parseScript,
  parseSettings,
  processesNaming,
  silentLog,
  startService,
} from '@gatehouse/orchestrator/testing';
import { describe, expect, test } from '@jest/globals';
import { auditFullProfile } from '../src/full-profile-audit.ts';
import { runFullProfile } from '../src/full-profile-run.ts';
import { scriptOf } from '../src/full-profile-scenarios.ts';
import { prepareFullProfile } from '../src/full-profile-setup.ts';
import { fakeToken } from '../src/scenarios.ts';
import { storyScenarios } from '../src/story-scenarios.ts';
import { Forge, scratchFolder } from './scratch-forge.ts';

const isWhole = process.env['GATEHOUSE_REQUIRE_TOOLS'] === '1';
const title = isWhole ? 'the story' : 'the story [skipped: GATEHOUSE_REQUIRE_TOOLS=1 runs it]';
const LIMIT_MS = 3_600_000;

test('the six tasks more are a script that the scripted agent accepts', () => {
  expect(parseScript(JSON.stringify(scriptOf(storyScenarios('/there'))))).toMatchObject({ kind: 'script' });
});

(isWhole ? describe : describe.skip)(title, () => {
  test('of twelve tasks each ends as it must, and main holds what was tested', async () => {
    const root = scratchFolder();
    const meetAt = join(root, 'meet');
    mkdirSync(meetAt);
    const marker = `gatehouse-story-${process.pid}`;
    const more = storyScenarios(meetAt);
    const setup = await prepareFullProfile({
      root,
      marker,
      secret: fakeToken(),
      timeoutSeconds: 600,
      agentSeconds: 120,
      more,
    });
    if (setup.kind !== 'prepared') throw new Error(setup.problem);
    expect(setup.scenarios).toHaveLength(12);
    const before = Forge.at(setup.forge).head('main');
    const read = parseSettings({
      ORCH_DATA_DIR: join(root, 'data'),
      ORCH_PORT: '0',
      ORCH_MAX_AGENTS: '4',
      ORCH_POLL_S: '0.2',
      ORCH_MERGE_INFRA_RETRY_MAX: '1',
      ORCH_MERGE_INFRA_BACKOFF_S: '0.2',
      ORCH_STOP_GRACE_S: '0.5',
    });
    if (read.kind !== 'settings') throw new Error(read.problems.join('; '));
    const service = await startService(read.settings, silentLog);
    if (service.kind !== 'running') throw new Error(service.problem);
    try {
      const api = await apiClient(service.context.settings, { url: service.url });
      const terminal = {
        out: () => {},
        err: () => {},
        cwd: '/',
        interactive: false,
        signal: new AbortController().signal,
      };
      const played = await runFullProfile({ setup, api, deadline: Date.now() + LIMIT_MS, terminal });
      if (played.kind !== 'ended') throw new Error(JSON.stringify(played.answer));
      expect(played.late).toEqual([]);
      const { store, dataDir } = service.context;
      const audited = await auditFullProfile({ setup, tasks: played.ids, store, dataDir, before });
      expect(audited.breaches).toEqual([]);
      expect(audited.endings.map(({ landed }) => landed).filter(Boolean)).toHaveLength(8);
      const told = await store.taskEvents(played.ids.get('P-12') ?? '', { limit: 1000 });
      expect(told.map(({ kind }) => kind)).toContain('dependency-cancelled');
      expect(await processesNaming(marker)).toEqual([]);
    } finally {
      await service.stop();
    }
  });
});
