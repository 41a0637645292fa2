/** Every guard of the repository. test/real-tree.test.ts runs them on the checkout, test/planted.test.ts on planted faults. */
import { arrows } from './guards/arrows.ts';
import { changesets } from './guards/changesets.ts';
import { declared } from './guards/declared.ts';
import { doors } from './guards/doors.ts';
import { folders } from './guards/folders.ts';
import { glossary } from './guards/glossary.ts';
import { links } from './guards/links.ts';
import { machine } from './guards/machine.ts';
import { map } from './guards/map.ts';
import { names } from './guards/names.ts';
import { pins } from './guards/pins.ts';
import { powers } from './guards/powers.ts';
import { published } from './guards/published.ts';
import { raising } from './guards/raising.ts';
import { remotes } from './guards/remotes.ts';
import { shape } from './guards/shape.ts';
import { sizes } from './guards/sizes.ts';
import { words } from './guards/words.ts';
import type { Guard } from './tree.ts';

export const GUARDS: readonly Guard[] = [
  arrows,
  declared,
  doors,
  folders,
  sizes,
  names,
  words,
  machine,
  raising,
  powers,
  remotes,
  links,
  map,
  shape,
  glossary,
  pins,
  changesets,
  published,
];
