/** What a repository's own files say about how it is tested, when nobody wrote it down. Looks at names and manifests only. */
import type { DetectedDefault } from './resolve-policy.ts';

/** `paths` are the files of the base commit's root; `packageJson` is its text when there is one. Pure. */
export function detectDefault(paths: ReadonlySet<string>, packageJson: string | null): DetectedDefault | null {
  if (packageJson !== null && hasTestScript(packageJson)) {
    return { ...setupFor(paths, packageJson), command: 'npm test', because: 'package.json has a test script' };
  }
  if (paths.has('go.mod')) return { command: 'go test ./...', because: 'there is a go.mod' };
  if (paths.has('Cargo.toml')) return { command: 'cargo test', because: 'there is a Cargo.toml' };
  if (['pytest.ini', 'pyproject.toml', 'tox.ini', 'setup.cfg', 'conftest.py'].some((name) => paths.has(name)))
    return { command: 'python3 -m pytest -q', because: 'there is a Python project file' };
  return null;
}

/** A lockfile is installed exactly; without one, only a manifest that names dependencies is installed at all. */
function setupFor(paths: ReadonlySet<string>, packageJson: string): { readonly setup?: string } {
  if (paths.has('package-lock.json')) return { setup: 'npm ci --no-audit --no-fund' };
  const needsSome = /"(?:devD|d)ependencies"\s*:\s*\{\s*"/.test(packageJson);
  return needsSome ? { setup: 'npm install --no-audit --no-fund --no-package-lock' } : {};
}

/** Reads only one key with a pattern on parsed-by-hand JSON: a broken manifest simply has no test script. */
function hasTestScript(packageJson: string): boolean {
  const scripts = /"scripts"\s*:\s*\{([^}]*)\}/.exec(packageJson)?.[1] ?? '';
  const test = /"test"\s*:\s*"((?:[^"\\]|\\.)*)"/.exec(scripts)?.[1];
  return test !== undefined && !test.includes('no test specified');
}
