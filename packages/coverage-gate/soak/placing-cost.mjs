/**
 * What it costs to place the names of a report, in CPU time of this process, for each way that tools name files:
 * `node --conditions=gatehouse:src soak/placing-cost.mjs [NAMES] [--only WORD]`. Each shape is placed with a quarter of NAMES [100000] and
 * with all of them, on a commit with as many files; where the cost is linear the last column is about 4, and a product of
 * names and files would make it 16. Exits 1 when one is over 8. Trees are made by counting, so there is no seed.
 */
import { placeNames } from '../src/placing/place-names.ts';

const words = process.argv.slice(2);
if (words.includes('--help')) {
  console.log('node --conditions=gatehouse:src soak/placing-cost.mjs [NAMES] [--only WORD]');
  process.exit(0);
}
const most = Number(words[0] ?? 100_000) || 100_000;
const only = words.includes('--only') ? (words[words.indexOf('--only') + 1] ?? '') : '';
const LIMIT = 8;

const range = (n, make) => Array.from({ length: n }, (_, at) => make(at));
const tree = (files, more = {}) => ({
  tracked: new Set(files),
  links: new Map(),
  submodules: new Set(),
  goModules: [],
  goDependencies: [],
  packages: new Map(),
  ...more,
});
const spread = (n) => range(n, (at) => `packages/p${at % 500}/src/f${at}.js`);
const inModules = (n, modulesOf) => {
  const names = range(n, (at) => modulesOf(at));
  const modules = new Map(names.map(([module, plain]) => [`${module}/${plain}`, { modules: [module], plain }]));
  return { names: [...modules.keys()], place: { format: 'jacoco', modules, folder: 'm5/target' } };
};

/** Names, the commit, and what the report says beside them. */
const SHAPES = {
  'relative, as tracked': (n) => [spread(n), tree(spread(n))],
  'relative, all of one base name': (n) => {
    const files = range(n, (at) => `packages/p${at}/src/index.js`);
    return [files.map((file) => file.slice(9)), tree(files)];
  },
  'in a container': (n) => [spread(n).map((file) => `/build/w/${file}`), tree(spread(n))],
  'on Windows': (n) => [spread(n).map((file) => `C:\\w\\${file.toUpperCase().replaceAll('/', '\\')}`), tree(spread(n))],
  'climbing, each may be each': (n) => [
    range(n, (at) => `${'../'.repeat(1 + (at % 7))}q${at}/../src/x.js`),
    tree(range(n, (at) => `p${at}/src/x.js`)),
  ],
  'of others': (n) => [range(n, (at) => `/opt/z${at}/src/x.js`), tree(range(n, (at) => `p${at}/src/x.js`))],
  'JaCoCo, a class in each module': (n) => {
    const { names, place } = inModules(n, (at) => [`m${at}`, 'org/C.java']);
    return [names, tree(range(n, (at) => `m${at}/src/main/java/org/C.java`)), place];
  },
  'JaCoCo, modules that no folder is named as': (n) => {
    const { names, place } = inModules(n, (at) => [`z${at}`, 'org/C.java']);
    return [names, tree(range(n, (at) => `m${at}/src/main/java/org/C.java`)), place];
  },
  'JaCoCo, packages that files declare': (n) => {
    const files = range(n, (at) => `src/kotlin/p${at}/Util.kt`);
    const packages = new Map(files.map((file, at) => [file, `org/x/p${at}`]));
    return [range(n, (at) => `org/x/p${at}/Util.kt`), tree(files, { packages }), { format: 'jacoco' }];
  },
  'Go, 1000 modules': (n) => {
    const files = range(n, (at) => `m${at % 1000}/d${at}/f.go`);
    const goModules = range(1000, (at) => ({ path: `example.org/m${at}`, dir: `m${at}` }));
    return [files.map((file) => `example.org/${file}`), tree(files, { goModules }), { format: 'go-coverprofile' }];
  },
  'Cobertura, 10 sources': (n) => {
    const files = range(n, (at) => `s${at % 10}/d${at}/core.py`);
    const sources = range(10, (at) => `/w/s${at}`);
    return [files.map((file) => file.slice(3)), tree(files), { format: 'cobertura', sources }];
  },
};

function cpuMs([names, commit, place = {}]) {
  const files = new Map(names.map((name) => [name, { seen: new Uint32Array([2]), hit: new Uint32Array([2]) }]));
  const before = process.cpuUsage();
  const { lines, unplaced, foreign } = placeNames(files, commit, { roots: ['/slots/1'], ...place });
  const { user, system } = process.cpuUsage(before);
  return { ms: (user + system) / 1000, placed: lines.size, unplaced: unplaced.length, foreign: foreign.length };
}

let worst = 0;
for (const [shape, make] of Object.entries(SHAPES)) {
  if (!shape.includes(only)) continue;
  const [quarter, all] = [Math.round(most / 4), most].map((n) => cpuMs(make(n)));
  const ratio = all.ms / quarter.ms;
  worst = Math.max(worst, ratio);
  const fates = `${all.placed} placed, ${all.unplaced} unplaced, ${all.foreign} foreign`;
  console.log(
    `${shape.padEnd(44)} ${Math.round(quarter.ms)} ms -> ${Math.round(all.ms)} ms, ${ratio.toFixed(1)} x; ${fates}`,
  );
}
process.exit(worst > LIMIT ? 1 : 0);
