#!/bin/bash
# A Slurm cluster on this machine alone, to try `work run --executor slurm`: a controller and two nodes, which are two
# daemons, in a folder of their own. They listen on the loopback, and end by their process ids.
#
# usage: Scripts/slurm-test-cluster.sh start DIR [PORT]   prints the SLURM_CONF to export
#        Scripts/slurm-test-cluster.sh stop DIR
#        Scripts/slurm-test-cluster.sh node DIR NAME      starts a node's daemon again that was killed
#
# Needs Debian's slurmctld, slurmd and slurm-client (or slurm-wlm), and root or a user that may run the daemons. Three
# ports from PORT (17817) on have to be free. Requests aren't authenticated (auth/none): it is for trials.
set -eu

usage() { sed -n '5,7s/^# \{0,1\}//p' "$0" >&2; exit 2; }
[ $# -ge 2 ] || usage
verb=$1
folder=$(realpath -m -- "$2")
export SLURM_CONF=$folder/slurm.conf
PATH=$PATH:/usr/sbin:/sbin

node() { slurmd -N "$1"; }

stop() {
  for file in "$folder"/slurmd-*.pid "$folder/slurmctld.pid"; do
    [ -s "$file" ] || continue
    process=$(cat "$file")
    # A number that was given to another process since is none of ours.
    case $(cat "/proc/$process/comm" 2>/dev/null) in slurmd | slurmctld) kill "$process" ;; *) continue ;; esac
    for _ in $(seq 100); do [ -e "/proc/$process" ] || break; sleep 0.1; done
    [ ! -e "/proc/$process" ] || kill -KILL "$process"
  done
}

case $verb in
start)
  for program in slurmctld slurmd sbatch squeue; do
    command -v "$program" >/dev/null || {
      echo "$program isn't installed: apt-get install slurm-wlm" >&2
      exit 2
    }
  done
  port=${3:-17817}
  mkdir -p "$folder/state" "$folder/log" "$folder/node1" "$folder/node2"
  host=$(hostname -s)
  user=$(id -un)
  cpus=$(nproc)
  memory=$(($(sed -n 's/^MemTotal: *\([0-9]*\) kB/\1/p' /proc/meminfo) / 1024 / 4))
  # config_overrides: each node claims the whole machine's processors. linuxproc and task/none: no control groups.
  cat >"$SLURM_CONF" <<CONF
ClusterName=worktest
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$port
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
SlurmUser=$user
SlurmdUser=$user
AuthType=auth/none
CredType=cred/none
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/%n
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd-%n.pid
SlurmctldLogFile=$folder/log/slurmctld.log
SlurmdLogFile=$folder/log/slurmd-%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/linux
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SlurmdParameters=config_overrides
MpiDefault=none
SwitchType=switch/none
SchedulerParameters=sched_interval=1,bf_interval=1,batch_sched_delay=0
ReturnToService=2
KillWait=20
MinJobAge=120
SlurmctldTimeout=30
SlurmdTimeout=15
AccountingStorageType=accounting_storage/none
NodeName=node1 NodeHostname=$host NodeAddr=127.0.0.1 Port=$((port + 1)) CPUs=$cpus RealMemory=$memory
NodeName=node2 NodeHostname=$host NodeAddr=127.0.0.1 Port=$((port + 2)) CPUs=$cpus RealMemory=$memory
PartitionName=main Nodes=node1,node2 Default=YES MaxTime=INFINITE State=UP
CONF
  slurmctld
  node node1
  node node2
  for _ in $(seq 100); do
    if [ "$(sinfo -h -t idle -o %D 2>/dev/null)" = 2 ]; then
      echo "SLURM_CONF=$SLURM_CONF"
      exit 0
    fi
    sleep 0.2
  done
  echo "the nodes don't come up; see $folder/log" >&2
  stop
  exit 1
  ;;
stop)
  [ -e "$SLURM_CONF" ] || { echo "$folder: no cluster was started there" >&2; exit 2; }
  scancel --user="$(id -u)" 2>/dev/null || true
  stop
  ;;
node)
  [ $# -eq 3 ] || usage
  node "$3"
  ;;
*) usage ;;
esac
