/** Plays one round of the real service in a scene of its own; a broken one leaves its directory with the log. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { prepareScene } from './scene.mjs';

/** A round that cannot be played to its end is broken, too. `scenes` holds what has to be ended when all is cut. */
export async function playRound(play, { scenes, keep }) {
  const scene = await prepareScene();
  scenes.add(scene);
  const { done, found } = await play(scene).catch(({ message }) => ({
    done: {},
    found: [`the round was not played to its end: ${message}`],
  }));
  scene.end();
  scenes.delete(scene);
  if (found.length === 0 && !keep) rmSync(scene.root, { recursive: true, force: true });
  if (found.length === 0) return { done, found };
  writeFileSync(join(scene.root, 'service.log'), scene.log());
  return { done, found: [...found, `kept: ${scene.root}`] };
}
