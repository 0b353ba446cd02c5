#!/usr/bin/env bash
# A sweep on a real Slurm: two nodes on this machine, one of them killed in the middle; what
# comes out in the end must be, to the byte, what one process makes of it.
#
#   tests/slurm/run.sh [ENGOBE]     default: target/release/engobe
#
# Wants root, slurmctld, slurmd and munged; installs Debian's slurm-wlm and munge if it may
# (ENGOBE_INSTALL=0: not). Says so and succeeds where it cannot run. Nothing of an installed
# cluster is touched: configuration, keys, sockets and ports are its own.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
program=$(realpath "${1:-$here/../../target/release/engobe}")

skip() {
    echo "test on Slurm skipped: $1"
    exit 0
}

[ "$(id -u)" = 0 ] || skip "it wants to be root"
if ! command -v slurmctld slurmd munged > /dev/null; then
    [ "${ENGOBE_INSTALL:-1}" = 1 ] || skip "slurmctld, slurmd and munged are not installed"
    command -v apt-get > /dev/null || skip "there is no apt-get to install slurm-wlm with"
    { apt-get update -qq && apt-get install -y -qq slurm-wlm munge; } > /dev/null 2>&1 \
        || skip "slurm-wlm and munge cannot be installed"
fi

root=$(mktemp -d /tmp/engobe-slurm.XXXXXX)
daemons=()
finish() {
    status=$?
    [ "$status" = 0 ] || tail -n 25 "$root"/*.log "$root"/sweep/logs/*.out 2> /dev/null || true
    for pid in "${daemons[@]}"; do kill "$pid" 2> /dev/null || true; done
    for name in one two; do
        # What a killed node left behind is a group of its own.
        [ -f "$root/slurmd-$name.pid" ] && kill "$(cat "$root/slurmd-$name.pid" 2> /dev/null)" 2> /dev/null || true
    done
    sleep 1
    rm -rf "$root"
    exit "$status"
}
trap finish EXIT

# munged with a key and a socket of its own.
mkdir -m 700 "$root/munge" "$root/state"
chmod 755 "$root" "$root/munge"
dd if=/dev/urandom of="$root/munge.key" bs=1024 count=1 status=none
chmod 400 "$root/munge.key"
munged --foreground --force --key-file="$root/munge.key" --socket="$root/munge/socket" \
    --pid-file="$root/munged.pid" --log-file="$root/munged.log" --seed-file="$root/munge.seed" \
    > "$root/munge-out.log" 2>&1 &
daemons+=($!)

host=$(hostname -s)
port=$((20000 + $$ % 20000))
cat > "$root/slurm.conf" << END
ClusterName=engobe
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$port
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$root/munge/socket
CommunicationParameters=NoInAddrAny
StateSaveLocation=$root/state
SlurmdSpoolDir=$root/spool-%n
SlurmctldPidFile=$root/slurmctld.pid
SlurmdPidFile=$root/slurmd-%n.pid
SlurmctldLogFile=$root/slurmctld.log
SlurmdLogFile=$root/slurmd-%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
ReturnToService=2
SlurmdTimeout=10
InactiveLimit=0
KillWait=2
NodeName=one NodeHostname=$host NodeAddr=127.0.0.1 Port=$((port + 1)) CPUs=1 State=UNKNOWN
NodeName=two NodeHostname=$host NodeAddr=127.0.0.1 Port=$((port + 2)) CPUs=1 State=UNKNOWN
PartitionName=test Nodes=one,two Default=YES MaxTime=INFINITE State=UP
END
export SLURM_CONF="$root/slurm.conf"
for attempt in $(seq 50); do
    [ -S "$root/munge/socket" ] && break
    sleep 0.1
done
[ -S "$root/munge/socket" ] || skip "munged does not start here"
slurmctld -D > "$root/controller-out.log" 2>&1 &
daemons+=($!)
for name in one two; do
    mkdir "$root/spool-$name"
    slurmd -D -N "$name" > "$root/slurmd-$name-out.log" 2>&1 &
    daemons+=($!)
    eval "slurmd_$name=$!"
done
idle() { [ "$(sinfo --noheader --Node --format=%T 2> /dev/null | grep -c '^idle')" = 2 ]; }
for attempt in $(seq 150); do
    idle && break
    sleep 0.2
done
idle || skip "two nodes cannot be started on this machine: $(tail -n 1 "$root/slurmctld.log" 2> /dev/null)"
echo "two nodes are up"

scenario=$root/sweep.toml
cp "$here/sweep.toml" "$scenario"
sweep() { "$program" sweep "$@"; }
sweep run "$scenario" --output "$root/local" --chunk-size 200 --threads 2 --quiet

sweep plan "$scenario" --output "$root/sweep" --chunk-size 8 --quiet
sweep submit "$root/sweep" --engine slurm
if sweep submit "$root/sweep" --engine slurm 2> "$root/second.txt"; then
    echo "a second submission was not refused"
    exit 1
fi
grep -q "submitted already" "$root/second.txt"

# One node dies with what it runs, once some chunks are done.
done_chunks() { find "$root/sweep/chunks" -name '*.json' 2> /dev/null | wc -l; }
for attempt in $(seq 600); do
    [ "$(done_chunks)" -ge 3 ] && break
    sleep 0.1
done
on_node_two() {
    # Workers of this test on that node.
    for pid in $(pgrep -f "run-chunk $root/sweep " || true); do
        { tr '\0' '\n' < "/proc/$pid/environ" | grep -qx "SLURMD_NODENAME=two" && echo "$pid"; } 2> /dev/null
    done || true
}
# One at work there dies with it, if one is caught; else it is an orphan that publishes.
for attempt in $(seq 20); do
    workers=$(on_node_two)
    [ -n "$workers" ] && break
    sleep 0.02
done
kill -9 "$slurmd_two"
killed=0
for pid in $workers; do
    kill -9 "$pid" 2> /dev/null && killed=$((killed + 1))
done
echo "node two killed with $killed of its workers after $(done_chunks) of 25 chunks"

# What is left is finished by the other, or not at all: its jobs are cancelled here, as an
# impatient user would.
job=$(sed -n 's/.*"job": "\([0-9]*\)".*/\1/p' "$root/sweep/submission.json")
for attempt in $(seq 100); do
    [ "$(done_chunks)" -ge 8 ] && break
    sleep 0.1
done
scancel "$job" || true
scancel --name=engobe-sweep-merge || true
for attempt in $(seq 100); do
    [ -z "$(squeue --noheader --states=all --jobs "$job" --format=%T 2> /dev/null | grep -E 'RUNNING|COMPLETING|PENDING')" ] && break
    [ "$attempt" = 60 ] && scontrol update nodename=two state=down reason=test
    sleep 0.3
done
sweep status "$root/sweep"
left=$(done_chunks)
[ "$left" -lt 25 ] || { echo "all chunks were done before the node was killed"; exit 1; }

sweep resume "$root/sweep" --engine slurm --force
for attempt in $(seq 900); do
    [ -s "$root/sweep/sweep.html" ] && break
    sleep 0.1
done
[ -s "$root/sweep/sweep.html" ] || { echo "the merging did not come"; exit 1; }
cmp "$root/sweep/summary.parquet" "$root/local/summary.parquet"
cmp "$root/sweep/series.h5" "$root/local/series.h5"
echo "200 runs, $left of 25 chunks kept over the loss of a node, merged files as those of one process"
