/**
 * The program of the keeper, see `keeper.ts` and ADR 0018: a Perl process between this one and the command, which the
 * kernel gives every orphan of the run to (PR_SET_CHILD_SUBREAPER). It knows how the command ended to the last bit, and
 * that nobody is left from ECHILD. It needs no module, so that perl-base is enough.
 */

/** System call numbers, in the order in which the program takes them; only what Node runs on with Linux and we tried. */
const CALLS: { readonly [Arch in string]?: readonly number[] } = {
  // prctl, setsid, signalfd4, rt_sigprocmask, close_range, clone3 (the kernel's tables for x86_64 and for the generic ABI)
  x64: [157, 112, 289, 14, 436, 435],
  arm64: [167, 157, 74, 135, 436, 435],
};

/** For `perl -e KEEPER CALLS ADDRESS TOKEN SESSION LEAF COMMAND…`; null on an architecture whose numbers we do not know. */
export const keeperCalls = (arch: string): string | null => CALLS[arch]?.join(',') ?? null;

/** Perl reads these itself, so they travel under another name; a bad locale must not make it talk. */
export function keeperEnvironment(env: Readonly<Record<string, string>>): Record<string, string> {
  const moved = Object.entries(env).map(([name, value]) => [name.replace(/^PERL/, 'GATEHOUSE_KEPT_PERL'), value]);
  return { ...Object.fromEntries(moved), PERL_BADLANG: '0' };
}

/**
 * The command is born in the cgroup LEAF (clone3 with CLONE_INTO_CGROUP, Linux 5.7): to move a process there afterwards makes every
 * fork of the machine wait for the kernel, 10 to 25 ms. Where that call is refused, it moves itself. An empty LEAF is none.
 *
 * Says `P pid` when the command leads its session, so that a signal for its group reaches it, or `F errno` when it could not be
 * forked, or `J errno` when it could not join its cgroup; `E status` (as wait(2) has it) when the command has ended, and `0` when
 * no descendant is left. It ends when its parent has heard that. On `K`, and when its parent is gone, it kills its children until
 * it has none; theirs become its own. It cannot be traced by a process of the same user.
 */
export const KEEPER: string = `
my ($calls, $name, $token, $session, $leaf, @command) = @ARGV;
my ($prctl, $setsid, $signalfd, $sigprocmask, $close, $clone) = split /,/, $calls;
$0 = 'gatehouse-keeper';
delete $ENV{PERL_BADLANG};
for (keys %ENV) { $ENV{$1} = delete $ENV{$_} if /^GATEHOUSE_KEPT_(PERL.*)/s }
socket my $parent, 1, 1, 0 or exit 125;
connect $parent, pack('S a*', 1, "\\0$name") or exit 125;
syscall($prctl, 36, 1, 0, 0, 0) == 0 or exit 125;
syswrite $parent, "$token\\n";
my @deaf = qw(HUP INT QUIT TERM USR1 USR2 PIPE ALRM);
@SIG{@deaf} = ('IGNORE') x @deaf;
my ($command, $born) = (-1, 0);
if ($leaf ne '' and sysopen my $inside, $leaf, 02000000) {
  $command = syscall $clone, pack('Q11', 0x200000000, (0) x 3, 17, (0) x 5, fileno $inside), 88;
  $born = $command >= 0;
}
$command = fork if !$born;
if (!defined $command) { syswrite $parent, 'F ' . ($! + 0) . "\\n"; exit 125 }
if (!$command) {
  @SIG{@deaf} = ('DEFAULT') x @deaf;
  if ($leaf ne '' and !$born) {
    my $members;
    if (!sysopen $members, "$leaf/cgroup.procs", 1 or !syswrite $members, '0') { syswrite $parent, 'J ' . ($! + 0) . "\\n"; exit 125 }
  }
  syscall $setsid if $session eq 'own';
  syswrite $parent, "P $$\\n";
  exec { $command[0] } @command;
  exit 125;
}
syscall $prctl, 4, 0, 0, 0, 0;
open STDIN, '<', '/dev/null'; open STDOUT, '>', '/dev/null'; open STDERR, '>', '/dev/null';
my $socket = fileno $parent;
syscall $close, 3, $socket - 1, 0 if $socket > 3;
syscall $close, $socket + 1, 0xffffffff, 0;
my $set = pack 'Q', 1 << 16;
syscall $sigprocmask, 0, $set, 0, 8;
my $signals = syscall $signalfd, -1, $set, 8, 02004000;
open my $ended, '<&=', $signals or exit 125;
my ($wanted, $killing, $pause) = ('', 0, 0.002);
vec($wanted, $_, 1) = 1 for $socket, $signals;
while (1) {
  my ($said, $pid) = ('');
  while (($pid = waitpid -1, 0x40000001) > 0) { $said .= "P $pid\\nE $?\\n" if $pid == $command }
  $said .= "0\\n" if $pid < 0;
  syswrite $parent, $said if $said ne '';
  last if $pid < 0;
  if ($killing) {
    if (open my $list, '<', "/proc/$$/task/$$/children") { kill 9, split ' ', <$list> // '' }
    $pause *= 1.5 if $pause < 0.1;
  }
  select my $ready = $wanted, undef, undef, $killing ? $pause : undef;
  sysread $ended, my $drained, 4096 if vec $ready, $signals, 1;
  if (vec $ready, $socket, 1) {
    my $read = sysread $parent, my $order, 4096;
    ($killing, $pause) = (1, 0.002);
    vec($wanted, $socket, 1) = 0 if !$read;
  }
}
1 while sysread $parent, my $rest, 4096;
`;
