/** Cargo.lock. The checksums of the first version stand in `metadata`. */
import { readToml } from '../../adapters/toml.ts';
import {
  isMap,
  type LockAnswer,
  type LockedPackage,
  locked,
  lockOf,
  malformed,
  mapList,
  text,
  textList,
} from '../locked-package.ts';

const CRATES_IO =
  /^(?:registry\+https:\/\/github\.com\/rust-lang\/crates\.io-index|sparse\+https:\/\/index\.crates\.io\/)$/;

export function readCargo(content: string): LockAnswer {
  const toml = readToml(content);
  if (toml.kind === 'malformed') return toml;
  const packages = mapList(toml.table['package']);
  const metadata = isMap(toml.table['metadata']) ? toml.table['metadata'] : {};
  const version = toml.table['version'] ?? 1;
  if (packages === null || typeof version !== 'number') return malformed('no list of packages');
  if (version > 4) return malformed('an unknown version');
  const found: LockedPackage[] = [];
  for (const one of packages) {
    const [name, number, source] = [text(one['name']), text(one['version']), text(one['source'])];
    if (name === '' || number === '') return malformed('a package without a name or a version');
    const sum = text(one['checksum']) || text(metadata[`checksum ${name} ${number} (${source})`]);
    const isCratesIo = CRATES_IO.test(source);
    found.push(
      locked(name, number, {
        sources: textList(isCratesIo ? '' : source.replace(/^(?:registry|sparse)\+/, '').replace(/#[0-9a-f]+$/, '')),
        hashes: textList(sum === '' || sum === '<none>' ? '' : `sha256:${sum}`, commitOf(source)),
        role: source === '' ? 'local' : 'package',
      }),
    );
  }
  return lockOf(found);
}

const commitOf = (source: string): string =>
  source.startsWith('git+') && source.includes('#') ? `commit:${source.slice(source.lastIndexOf('#') + 1)}` : '';
