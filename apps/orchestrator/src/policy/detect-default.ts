/** What a repository's own files say about how it is tested, when no policy says it. Reads names and manifests only. */
import { z } from 'zod';
import { parseJson } from '../platform/json.ts';
import type { DetectedDefault } from './resolve-policy.ts';

/** `paths` are the files of the base commit's root; `packageJson` is its text when there is one. Pure. */
export function detectDefault(paths: ReadonlySet<string>, packageJson: string | null): DetectedDefault | null {
  const npm = packageJson === null ? null : npmDefault(paths, packageJson);
  if (npm !== null) return npm;
  if (paths.has('go.mod')) return { command: 'go test ./...', because: 'there is a go.mod' };
  if (paths.has('Cargo.toml')) return { command: 'cargo test', because: 'there is a Cargo.toml' };
  if (['pytest.ini', 'pyproject.toml', 'tox.ini', 'setup.cfg', 'conftest.py'].some((name) => paths.has(name)))
    return { command: 'python3 -m pytest -q', because: 'there is a Python project file' };
  return null;
}

const names = z.record(z.string(), z.unknown()).optional();
const manifestSchema = z.object({
  scripts: z.object({ test: z.string().min(1) }),
  dependencies: names,
  devDependencies: names,
});

/** A broken manifest simply has no test script. A lockfile is installed exactly; without one, only what is named. */
function npmDefault(paths: ReadonlySet<string>, packageJson: string): DetectedDefault | null {
  const read = manifestSchema.safeParse(parseJson(packageJson));
  if (!read.success || read.data.scripts.test.includes('no test specified')) return null;
  const found = { command: 'npm test', because: 'package.json has a test script' };
  if (paths.has('package-lock.json')) return { ...found, setup: 'npm ci --no-audit --no-fund' };
  const { dependencies = {}, devDependencies = {} } = read.data;
  const needsSome = Object.keys(dependencies).length + Object.keys(devDependencies).length > 0;
  return needsSome ? { ...found, setup: 'npm install --no-audit --no-fund --no-package-lock' } : found;
}
