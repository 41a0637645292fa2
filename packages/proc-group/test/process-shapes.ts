/**
 * Process shapes beyond the ten trees of fixtures/shapes.pl: what a command may do so that something of it outlives it. Each
 * is a line for `/bin/sh -c`; `$0` is a number of seconds that `sleep` gets as its word, by which an observer knows it, and
 * that ends it. Bounded: none starts more than 200 processes. soak/shapes.mjs runs them all.
 */

/** `needs`: `root`, `own group` (not at level plain), or programs. */
export type ProcessShape = readonly [name: string, needs: readonly string[], line: string];

const stray = 'exec prlimit --locks=0:0 setsid sleep "$0"';
const bg = (line: string): string => `(${line}) >/dev/null 2>&1 &`;
const rest = 'sleep 0.2';
const own =
  "mine=$(sed -n 's/^0:://p' /proc/self/cgroup); for base in /sys/fs/cgroup /sys/fs/cgroup/unified; do [ -e $base/cgroup.procs ] && break; done";
const perl = (body: string, args = 'sleep "$0"'): string => `perl -e '${body}' ${args} >/dev/null 2>&1`;
const detach =
  'use POSIX (); POSIX::setsid(); open STDIN, "</dev/null"; open STDOUT, ">/dev/null"; open STDERR, ">/dev/null";';
const lower = 'my $none = pack "QQ", 0, 0; syscall 160, 10, $none;';

export const SHAPES: readonly ProcessShape[] = [
  ['lowers both ends of its mark', ['prlimit'], `${bg(stray)} ${rest}`],
  ['lowers only the soft end', ['prlimit'], `${bg('exec prlimit --locks=0: setsid sleep "$0"')} ${rest}`],
  [
    'lowers both ends step by step',
    ['prlimit'],
    `${bg('exec prlimit --locks=9:9 prlimit --locks=5:5 prlimit --locks=0:0 setsid sleep "$0"')} ${rest}`,
  ],
  [
    'has what looks like the mark of another run',
    ['prlimit'],
    `${bg('exec prlimit --locks=16:32 setsid sleep "$0"')} ${rest}`,
  ],
  [
    'has its mark lowered from outside',
    ['prlimit'],
    `setsid sleep "$0" >/dev/null 2>&1 & ${rest}; prlimit --pid $! --locks=3:3`,
  ],
  [
    'lowers its mark and drops its environment',
    ['prlimit'],
    `${bg('exec env -i prlimit --locks=0:1 setsid sleep "$0"')} ${rest}`,
  ],
  ['lowers its mark, twice forked', ['prlimit'], `( ${bg(stray)} ); ${rest}`],
  ['lowers its mark, five times forked', ['prlimit'], `( ( ( ( ${bg(stray)} ) & ) & ) & ); ${rest}`],
  [
    'lowers its mark, last of a hundred parents',
    ['perl'],
    `${perl(`${detach} ${lower} for (1 .. 100) { my $p = fork; POSIX::_exit(0) if $p } exec @ARGV`)} & ${rest}; sleep 0.3`,
  ],
  [
    'lowers its mark before the command itself goes on',
    ['prlimit'],
    'prlimit --pid $$ --locks=0:0; setsid sleep "$0" >/dev/null 2>&1 & sleep 0.2',
  ],
  [
    'is a sibling of the command',
    ['perl'],
    `${perl(`$^F = 9; my $p = syscall 56, 0x8011, 0, 0, 0, 0; if (!$p) { ${detach} ${lower} exec @ARGV } exit`)}; ${rest}`,
  ],
  [
    'tells its parent nothing when it ends',
    ['perl'],
    `${perl(`my $p = syscall 56, 0, 0, 0, 0, 0; if (!$p) { ${detach} ${lower} exec @ARGV } exit`)}; ${rest}`,
  ],
  ['leaves its cgroup', ['root'], `${own}; ${bg('echo 0 > $base/cgroup.procs; exec setsid sleep "$0"')} ${rest}`],
  [
    'leaves its cgroup and lowers its mark',
    ['root', 'prlimit'],
    `${own}; ${bg(`echo 0 > $base/cgroup.procs; ${stray}`)} ${rest}`,
  ],
  [
    'is in a cgroup of its own below',
    ['root'],
    `${own}; mkdir "$base$mine/below" 2>/dev/null; ${bg('echo 0 > "$base$mine/below/cgroup.procs"; exec setsid sleep "$0"')} ${rest}`,
  ],
  [
    'is frozen in a cgroup of its own',
    ['root'],
    `${own}; d="$base$mine/cold"; case $mine in */gatehouse-*) mkdir "$d"; ${bg('echo 0 > "$d/cgroup.procs"; exec setsid sleep "$0"')} ${rest}; echo 1 > "$d/cgroup.freeze" ;; *) ${bg('exec setsid sleep "$0"')} ;; esac; ${rest}`,
  ],
  ['is in a user and PID namespace', ['unshare'], `${bg('exec unshare -Urpf setsid sleep "$0"')} sleep 0.4`],
  [
    'is in a PID namespace and lowers its mark',
    ['unshare', 'prlimit'],
    `${bg('exec prlimit --locks=0:0 setsid unshare -Urpf sleep "$0"')} sleep 0.4`,
  ],
  [
    'sees another /proc',
    ['root', 'unshare'],
    `${bg('exec prlimit --locks=0:0 setsid unshare -m sh -c "mount -t tmpfs none /proc; exec sleep $0"')} sleep 0.4`,
  ],
  [
    'is in a network of its own',
    ['unshare', 'prlimit'],
    `${bg('exec prlimit --locks=0:0 setsid unshare -Urn sleep "$0"')} sleep 0.4`,
  ],
  ['is ignored by nohup and setsid', ['setsid'], `nohup setsid sleep "$0" >/dev/null 2>&1 & ${rest}`],
  [
    'is deaf to every signal',
    ['perl', 'prlimit'],
    `${bg(`exec prlimit --locks=0:0 setsid perl -e '$SIG{$_} = "IGNORE" for qw(TERM INT HUP QUIT USR1 USR2 PIPE ALRM TSTP); sleep $ARGV[0]' "$0"`)} ${rest}; sleep 9`,
  ],
  [
    'is stopped',
    ['prlimit'],
    `${bg(stray)} ${rest}; for p in /proc/[0-9]*; do grep -qs "$0" $p/cmdline && grep -qs "(sleep)" $p/stat && kill -STOP \${p#/proc/}; done; exit 0`,
  ],
  ['is traced', ['strace'], `${bg('exec strace -f -o /dev/null setsid sleep "$0"')} sleep 0.4`],
  [
    'is traced by its own child',
    ['strace', 'prlimit'],
    `${bg('exec prlimit --locks=0:0 setsid strace -D -o /dev/null sleep "$0"')} sleep 0.4`,
  ],
  [
    'hops with its mark lowered',
    ['perl'],
    `${perl(`${detach} ${lower} $SIG{TERM} = $SIG{CHLD} = "IGNORE"; my $end = time + 4; while (time < $end) { POSIX::setsid(); my $p = fork; POSIX::_exit(0) if $p; select undef, undef, undef, 0.002 }`, 'hop "$0"')} & sleep 0.4`,
  ],
  [
    'forks on and on with its mark lowered',
    ['perl'],
    `${perl(`${detach} ${lower} $SIG{TERM} = $SIG{CHLD} = "IGNORE"; my $end = time + 4; while (time < $end) { my $p = fork; if (defined $p && !$p) { select undef, undef, undef, 0.2; POSIX::_exit(0) } select undef, undef, undef, 0.004 }`, 'fork "$0"')} & sleep 0.4`,
  ],
  [
    'is started by the trap of SIGTERM',
    ['prlimit'],
    `trap '${bg(stray).replaceAll("'", '')} ${rest}; exit 0' TERM; while :; do sleep 0.05; done`,
  ],
  [
    'is started again by whoever is told to end',
    ['perl'],
    `${perl(`${detach} ${lower} $SIG{TERM} = sub { my $p = fork; if (defined $p && !$p) { $SIG{TERM} = "DEFAULT"; exec @ARGV } exit }; sleep 5`)} & sleep 9`,
  ],
  ['kills the process above the command', ['prlimit'], `${bg(stray)} ${rest}; kill -9 $PPID; sleep 1`],
  ['stops the process above the command', ['prlimit'], `${bg(stray)} ${rest}; kill -STOP $PPID; sleep 1`],
  ['sends its group SIGKILL', ['own group', 'prlimit'], `${bg(stray)} ${rest}; kill -9 0`],
  [
    'has a name that reads like a state',
    ['prlimit'],
    `d=$(mktemp -d); cp "$(command -v sleep)" "$d/) Z 1 1 ("; ${bg('exec prlimit --locks=0:0 setsid "$d/) Z 1 1 (" "$0"')} ${rest}; rm -rf "$d"`,
  ],
  [
    'calls itself a kernel thread',
    ['bash', 'prlimit'],
    `${bg(`exec prlimit --locks=0:0 setsid bash -c 'exec -a "[kworker/0:1]" sleep "$0"' "$0"`)} ${rest}`,
  ],
  [
    'runs a program that is deleted',
    ['prlimit'],
    `d=$(mktemp -d); cp "$(command -v sleep)" $d/s; ${bg('exec prlimit --locks=0:0 setsid $d/s "$0"')} ${rest}; rm -rf $d`,
  ],
  [
    'has the lowest priority',
    ['chrt', 'prlimit'],
    `${bg('exec prlimit --locks=0:0 setsid chrt -i 0 nice -n 19 sleep "$0"')} ${rest}`,
  ],
  [
    'is another user',
    ['root', 'setpriv', 'prlimit'],
    `${bg('exec prlimit --locks=0:0 setsid setpriv --reuid 61234 --clear-groups sleep "$0"')} ${rest}`,
  ],
  [
    'has lost every capability',
    ['root', 'setpriv', 'prlimit'],
    `${bg('exec prlimit --locks=0:0 setsid setpriv --bounding-set=-all --inh-caps=-all sleep "$0"')} ${rest}`,
  ],
  [
    'may gain no privilege',
    ['setpriv', 'prlimit'],
    `${bg('exec prlimit --locks=0:0 setsid setpriv --no-new-privs sleep "$0"')} ${rest}`,
  ],
  ['is in a chroot', ['root', 'prlimit'], `${bg('exec prlimit --locks=0:0 setsid chroot / sleep "$0"')} ${rest}`],
  ['holds the output open', ['prlimit'], `(${stray}) & ${rest}`],
  [
    'has a terminal of its own',
    ['script', 'prlimit'],
    `${bg(`exec prlimit --locks=0:0 setsid script -qec "sleep $0" /dev/null </dev/null`)} sleep 0.4`,
  ],
  [
    'listens',
    ['perl'],
    `${perl(`${detach} ${lower} socket S, 2, 1, 0; bind S, pack("SnNx8", 2, 0, 0x7f000001); listen S, 1; sleep $ARGV[1]`)} & ${rest}`,
  ],
  [
    'is a hundred and fifty',
    ['perl'],
    `${perl(`${detach} ${lower} for (1 .. 149) { my $p = fork; last if defined $p && !$p } sleep $ARGV[1]`)} & sleep 0.5`,
  ],
  [
    'is a chain of a hundred that live',
    ['perl'],
    `${perl(`${detach} ${lower} for (1 .. 99) { my $p = fork; last if $p } sleep $ARGV[1]`)} & sleep 0.5`,
  ],
  [
    'waits in the kernel for a child that runs',
    ['perl'],
    `${perl(`${detach} ${lower} my $p = syscall 58; if (!$p) { exec @ARGV }`)} & ${rest}`,
  ],
];
