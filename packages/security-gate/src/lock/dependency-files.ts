/** Dependency files that nothing reads: lockfiles of unknown kinds, and manifests that ask for packages without a lock. */
import { formatOf } from './formats.ts';
import type { Ecosystem } from './locked-package.ts';

/** A lockfile by its name that no reader is for. */
const UNKNOWN_LOCK =
  /^(?:bun\.lockb?|deno\.lock|packages\.lock\.json|project\.assets\.json|paket\.lock|mix\.lock|rebar\.lock|pubspec\.lock|Podfile\.lock|Cartfile\.resolved|Package\.resolved|conan\.lock|conda-lock\.ya?ml|environment\.ya?ml|pixi\.lock|flake\.lock|renv\.lock|shard\.lock|stack\.yaml\.lock|cabal\.project\.freeze|opam\.locked|Manifest\.toml|MODULE\.bazel\.lock|maven_install\.json|\.terraform\.lock\.hcl|Chart\.lock|cpanfile\.snapshot|vcpkg-lock\.json|gradle-verification\.lock|deps\.lock|dub\.selections\.json|glide\.lock|Gopkg\.lock|elm-stuff\.lock|ivy\.lock|dependencies\.lock|shrinkwrap\.yaml|[^/]+\.lockfile|(?!\.)[^/]*[-_.]lock\.(?:json|ya?ml|toml)|(?!\.)[^/]+\.lock)$/;

/** One kind of manifest: which locks cover it, and whether its text asks for any package. */
interface Manifest {
  readonly file: RegExp;
  readonly ecosystem: Ecosystem | null;
  readonly asks: RegExp;
}

const MANIFESTS: readonly Manifest[] = [
  { file: /^package\.json$/, ecosystem: 'npm', asks: /"(?:d|devD|optionalD)ependencies"\s*:\s*\{\s*"/ },
  {
    file: /^pyproject\.toml$/,
    ecosystem: 'PyPI',
    asks: /^[ \t]*"?[\w-]*dependencies"?\s*=\s*\[\s*["'#\n]|^\[(?:tool\.(?:poetry|pdm)\.[\w.-]*dependencies|dependency-groups|project\.optional-dependencies)\]/m,
  },
  { file: /^setup\.(?:py|cfg)$/, ecosystem: 'PyPI', asks: /\b(?:install|setup|tests|extras)_require/ },
  { file: /^Pipfile$|requirements[^/]*\.in$/, ecosystem: 'PyPI', asks: /^[^[#\n]*\w/m },
  { file: /^go\.mod$/, ecosystem: 'Go', asks: /^[ \t]*require\b/m },
  { file: /^Cargo\.toml$/, ecosystem: 'crates.io', asks: /^[ \t]*\[(?:.*\.)?(?:dev-|build-)?dependencies\b/m },
  { file: /^pom\.xml$/, ecosystem: 'Maven', asks: /<(?:dependency|plugin)\b/ },
  { file: /^build\.gradle(?:\.kts)?$/, ecosystem: 'Maven', asks: /\b(?:dependencies|plugins)\s*\{/ },
  { file: /^composer\.json$/, ecosystem: 'Packagist', asks: /"require(?:-dev)?"\s*:\s*\{[^}]*"[^"/]+\/[^"]+"\s*:/ },
  { file: /^(?:Gemfile|gems\.rb)$/, ecosystem: 'RubyGems', asks: /^[ \t]*gem\b/m },
  { file: /\.gemspec$/, ecosystem: 'RubyGems', asks: /add_(?:runtime_|development_)?dependency/ },
  {
    file: /\.(?:cs|fs|vb)proj$|^(?:packages\.config|Directory\.Packages\.props)$/,
    ecosystem: null,
    asks: /<(?:PackageReference|PackageVersion|package)\b/,
  },
  {
    file: /^(?:mix\.exs|pubspec\.yaml|Package\.swift|Podfile|Cartfile|conanfile\.(?:txt|py)|vcpkg\.json|deno\.jsonc?|rebar\.config|shard\.yml|build\.sbt|deps\.edn|project\.clj|DESCRIPTION|cpanfile|stack\.yaml)$/,
    ecosystem: null,
    asks: /\b(?:deps|dependencies|dependency|requires?|imports?|pod|libraryDependencies|git(?:hub)?)\b/i,
  },
];

/** What a path is to somebody who looks for dependencies; null for every other file. */
export type DependencyFile =
  | { readonly kind: 'unknown-lock' }
  | { readonly kind: 'manifest'; readonly ecosystem: Ecosystem | null; readonly asks: RegExp };

/** The kind of a file that no reader is for. */
export function dependencyFileOf(path: string): DependencyFile | null {
  if (/(?:^|\/)node_modules\//.test(path)) return null;
  const name = path.slice(path.lastIndexOf('/') + 1);
  const manifest = MANIFESTS.find(({ file }) => file.test(name));
  if (manifest !== undefined) return { kind: 'manifest', ecosystem: manifest.ecosystem, asks: manifest.asks };
  return formatOf(path) === null && UNKNOWN_LOCK.test(name) ? { kind: 'unknown-lock' } : null;
}
