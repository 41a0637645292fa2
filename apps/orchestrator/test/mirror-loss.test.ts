/** A mirror that lost objects is made anew with all that can be saved; one whose forge lost them stays as it is. */
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { forgeChooser } from '../src/forges/choose.ts';
import type { Logger } from '../src/platform/logger.ts';
import { silentLog } from '../src/platform/logger.ts';
import { type MirroredRepository, mirrorsIn, type OpenMirrors } from '../src/workspace/mirrors.ts';
import { atRest, enqueue, register, serviceOn, stopService } from './live-gatehouse.ts';
import { Forge, PROJECT, scratchFolder } from './scratch-forge.ts';

/** The very paths of a repository's objects, those of one object or of all packs. */
function objectFiles(gitDir: string): string[] {
  const objects = join(gitDir, 'objects');
  const folders = readdirSync(objects).filter((name) => /^([0-9a-f]{2}|pack)$/.test(name));
  return folders.flatMap((folder) => readdirSync(join(objects, folder)).map((name) => join(objects, folder, name)));
}

class Scene {
  readonly said: string[] = [];
  readonly log: Logger = {
    ...silentLog,
    warn: (text) => void this.said.push(text),
    error: (text) => void this.said.push(text),
  };
  readonly folder = scratchFolder();
  readonly forge: Forge;
  constructor(forge: Forge) {
    this.forge = forge;
  }

  /** As a service that starts: nothing is remembered. */
  open(): OpenMirrors {
    return mirrorsIn(join(this.folder, 'mirrors'), forgeChooser(new Map()), { log: this.log });
  }

  get repo(): MirroredRepository {
    return { id: 'app', url: this.forge.path, forge: 'local', main: 'main' };
  }

  get gitDir(): string {
    return join(this.folder, 'mirrors', 'app.git');
  }

  git(...args: string[]): string {
    return Forge.at(this.gitDir).git(...args);
  }
}

/** A mirror with a ref of ours that is at the forge as well, and one whose commit only the mirror has. */
async function mirrored(): Promise<Scene> {
  const scene = new Scene(await Forge.make(PROJECT));
  scene.forge.push({ branch: 'a', from: 'main' }, { 'a.txt': 'a' });
  const mirrors = scene.open();
  expect(await mirrors.refresh(scene.repo)).toMatchObject({ kind: 'fresh' });
  const tree = scene.git('rev-parse', 'main^{tree}');
  const who = ['-c', 'user.name=x', '-c', 'user.email=x@example.invalid'];
  const own = scene.git(...who, 'commit-tree', tree, '-p', 'main', '-m', 'only here');
  for (const [name, commit] of [
    ['work/1', 'a'],
    ['work/2', own],
  ] as const)
    scene.git('update-ref', `refs/gatehouse/${name}`, commit);
  await mirrors.close();
  return scene;
}

/** What of ours is left: what the forge has as well, and what the mirror still has. */
const DAMAGES: readonly (readonly [string, (scene: Scene) => void, readonly string[]])[] = [
  ['every object is gone', ({ gitDir }) => objectFiles(gitDir).forEach((file) => void rmSync(file)), ['1']],
  [
    'what was written last is empty',
    (scene) => {
      const own = scene.git('rev-parse', 'refs/gatehouse/work/2');
      const file = join(scene.gitDir, 'objects', own.slice(0, 2), own.slice(2));
      rmSync(file);
      writeFileSync(file, '');
    },
    ['1'],
  ],
  [
    'a pack is cut off',
    ({ gitDir }) => {
      // All in one pack, without which nothing can be read.
      Forge.at(gitDir).git('repack', '-adq');
      for (const file of objectFiles(gitDir).filter((one) => one.endsWith('.pack'))) {
        rmSync(file);
        writeFileSync(file, Buffer.alloc(40));
      }
    },
    ['1'],
  ],
  [
    'a branch points at nothing',
    ({ gitDir }) => writeFileSync(join(gitDir, 'refs/heads/a'), `${'1'.repeat(40)}\n`),
    ['1', '2'],
  ],
];

describe('a mirror', () => {
  test.each(DAMAGES)('of which %s is made anew, and keeps what it can of ours', async (_damage, spoil, kept) => {
    const scene = await mirrored();
    spoil(scene);
    const mirrors = scene.open();
    const fetched = await mirrors.refresh(scene.repo);
    expect(fetched).toMatchObject({ kind: 'fresh', git: { gitDir: scene.gitDir } });
    expect(scene.said).toEqual(['a mirror had lost objects and was made anew']);
    scene.git('fsck', '--connectivity-only');
    expect(scene.git('rev-parse', 'a')).toBe(scene.forge.head('a'));
    expect(scene.git('for-each-ref', '--format=%(refname:lstrip=3)', 'refs/gatehouse/work/').split('\n')).toEqual(kept);
    expect(readdirSync(join(scene.folder, 'mirrors'))).toEqual(['app.git']);
    await mirrors.close();
  });

  test('that is whole stays, also while its forge has lost objects', async () => {
    const scene = await mirrored();
    const lost = scene.forge.push({ branch: 'b', from: 'main' }, { 'b.txt': 'b' });
    rmSync(join(scene.forge.path, 'objects', lost.slice(0, 2), lost.slice(2)));
    const mirrors = scene.open();
    const mark = join(scene.gitDir, 'still-the-same');
    writeFileSync(mark, '');
    expect(await mirrors.refresh(scene.repo)).toMatchObject({ kind: 'fresh', broken: ['b'] });
    expect([existsSync(mark), scene.said]).toEqual([true, []]);
    await mirrors.close();
  });
});

test('a task lands after a power cut took objects of the mirror', async () => {
  const forge = await Forge.make(PROJECT);
  forge.push({ branch: 'a', from: 'main' }, { 'a.txt': 'a' });
  const dataDir = join(scratchFolder(), 'data');
  const first = await serviceOn(dataDir);
  await register(first, forge.path);
  await first.context.mirrors.refresh({ id: 'app', url: forge.path, forge: 'local', main: 'main' });
  await stopService(first);
  for (const file of objectFiles(join(dataDir, 'mirrors', 'app.git'))) rmSync(file);
  const second = await serviceOn(dataDir);
  expect(await atRest(second, await enqueue(second, 'a'))).toMatchObject({ stage: 'done' });
});
