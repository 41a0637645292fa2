/** Lockfiles of every version for the same packages. */
const HOST = 'https://packages.internal.example';

export interface Wanted {
  readonly name: string;
  readonly version: string;
  readonly integrity?: string;
  readonly resolved?: string;
}

const entry = ({ name, version, integrity = `sha512-${name}-${version}`, resolved }: Wanted) => ({
  version,
  resolved: resolved ?? `${HOST}/${name}/-/${version}.tgz`,
  ...(integrity === '' ? {} : { integrity }),
});

export function lockfile(version: 1 | 2 | 3, packages: readonly Wanted[]): string {
  const flat = Object.fromEntries(packages.map((one) => [one.name, entry(one)]));
  const places = Object.fromEntries(packages.map((one) => [`node_modules/${one.name}`, entry(one)]));
  const lists =
    version === 1
      ? { dependencies: flat }
      : version === 2
        ? { packages: places, dependencies: flat }
        : { packages: { '': {}, ...places } };
  return JSON.stringify({ name: 'x', lockfileVersion: version, ...lists });
}
