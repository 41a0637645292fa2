/** Paths at which a runner looks for a program or a module before it looks at what is installed. */
import { type Finding, shadow } from './finding.ts';
import { isRunnerPackage } from './programs.ts';
import type { Reach } from './reach.ts';

const PROGRAM = 'is run in place of an installed program';
const PACKAGE = 'is loaded in place of an installed package';
const MODULE = 'is imported in place of an installed module';
const FIXTURE = /(?:^|\/)(?:fixtures?|__fixtures__|testdata|examples?|samples?)(?:\/|$)/i;

/** Whether a directory holds samples that tests read and nobody runs. */
export const isFixture = (dir: string): boolean => FIXTURE.test(dir);

/** Whether a script of the command runs in `dir` or below it: that is where programs and settings are looked for. */
export const isReached = ({ dirs, everywhere }: Reach, dir: string): boolean =>
  dir === '' || [...dirs].some((one) => one === dir || one.startsWith(`${dir}/`)) || (everywhere && !FIXTURE.test(dir));

/**
 * A changed path in a `node_modules` directory. npm and its like put each `node_modules/.bin` on the way up before the PATH, and
 * node loads a package from the nearest directory. Where base keeps its dependencies in git, only those that run tests stop.
 */
export function nodeModulesShadow(path: string, reach: Reach): Finding | null {
  if (!/node_modules/i.test(path)) return null;
  const parts = /^(?:(.*?)\/)?node_modules(?:\/(.+))?$/is.exec(path);
  if (parts === null) return null;
  const [, dir = '', rest = ''] = parts;
  const reached = isReached(reach, dir);
  const runs = reach.families.has('npm');
  if (rest === '') return shadow(reached && runs ? 'block' : 'warn', path, PACKAGE);
  if (/^\.bin(?:\/|$)/i.test(rest)) return shadow(reached && runs ? 'block' : 'warn', path, PROGRAM);
  const name = /^(?:@[^/]+\/)?[^/]+/.exec(rest)?.[0] ?? rest;
  const decides = isRunnerPackage(name) || reach.programs.has(name);
  const at = `${dir === '' ? '' : `${dir}/`}node_modules/${name}`;
  if (!reached) return decides && !FIXTURE.test(dir) ? shadow('warn', at, PACKAGE) : null;
  const kept = reach.root.has('node_modules') && !decides;
  return shadow((runs || reach.families.has('node')) && !kept ? 'block' : 'warn', at, PACKAGE);
}

/** Whatever lies in a directory that the command puts on the PATH. */
export function pathShadow(path: string, { searched }: Reach): Finding | null {
  const dir = path.split('/').slice(0, -1).join('/');
  return searched.has(dir) || searched.has(path) ? shadow('block', path, PROGRAM) : null;
}

/** `python -m` looks for modules in the working directory first, and for what it imports itself as well. */
const IMPORTED = new Set(
  `pytest _pytest pluggy iniconfig packaging pygments exceptiongroup tomli coverage tox nox nose2 xdist mock py
  __future__ _thread abc argparse array ast asyncio atexit base64 bdb binascii bisect builtins bz2 calendar cmath cmd code codecs
  codeop collections colorsys compileall concurrent configparser contextlib contextvars copy copyreg csv ctypes dataclasses
  datetime decimal difflib dis doctest email encodings enum errno faulthandler filecmp fileinput fnmatch fractions functools gc
  genericpath getopt getpass gettext glob graphlib grp gzip hashlib heapq hmac html http imaplib imp importlib inspect io ipaddress
  itertools json keyword linecache locale logging lzma marshal math mimetypes mmap multiprocessing netrc ntpath numbers opcode
  operator optparse os pathlib pdb pickle pickletools pkgutil platform plistlib posix posixpath pprint profile pstats pty pwd
  py_compile pyclbr pydoc queue quopri random re readline reprlib resource runpy sched secrets select selectors shelve shlex shutil
  signal site socket socketserver sqlite3 sre_compile sre_constants sre_parse ssl stat statistics string stringprep struct
  subprocess symtable sys sysconfig tarfile tempfile termios textwrap threading time timeit token tokenize tomllib trace traceback
  tracemalloc tty types typing unicodedata unittest urllib uuid venv warnings weakref xml xmlrpc zipapp zipfile zipimport zlib
  zoneinfo`.split(/\s+/),
);

/** A module in a directory the command imports from. One that base has there already is the project's own. */
export function pythonShadow(path: string, reach: Reach): Finding | null {
  if (!reach.families.has('python') || !/\.(?:pyc?|so)$/.test(path)) return null;
  const parts = /^(?:(.*)\/)?(?!__init__)(\w+)(?:\.pyc?|\.[\w-]*\.?so|\/__init__\.(?:pyc?|[\w-]*\.?so))$/s.exec(path);
  const [, dir = '', name = ''] = parts ?? [];
  if (parts === null || !IMPORTED.has(name) || !reach.imported.has(dir)) return null;
  const known = dir === '' && [name, `${name}.py`].some((own) => reach.root.has(own));
  return known ? null : shadow('block', path, MODULE);
}
