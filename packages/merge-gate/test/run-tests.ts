/** Runs every `t/*.sh` as one test and reports as TAP. It is part of the policy: no branch can change it. */
export const RUN_TESTS = `n=0; bad=0
for t in t/*.sh; do
  [ -e "$t" ] || continue
  n=$((n+1))
  if sh "$t"; then echo "ok $n - $t"; else echo "not ok $n - $t"; bad=1; fi
done
echo "1..$n"; exit $bad`;
