# Sourced: a Slurm of one node in a folder, on ports of its own, from Debian's packages slurm-wlm and munge.
#
#   start_slurm FOLDER CPUS     sets SLURM_CONF, so that sbatch and the like find it
#   stop_slurm FOLDER           cancels its jobs and ends what was started, by the ids of the processes
#
# As root, because slurmd wants that. Memory is not controlled and processes are found by /proc, so no cgroups are needed.

# free_port: a port of loopback that nobody uses.
free_port() {
  /usr/bin/python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

start_slurm() {
  local folder=$1 cpus=$2 host address listen
  host=$(uname -n)
  host=${host%%.*}
  # Slurm can be told to listen on the address of the host's name, on no other. Where that is none of loopback, as in
  # containers, it listens on all; munge lets in only who has the key.
  address=$(getent ahostsv4 "$host" | sed -n '1s, .*,,p' || true)
  case $address in
    127.*) listen=CommunicationParameters=NoCtldInAddrAny,NoInAddrAny ;;
    *) listen= address=127.0.0.1 ;;
  esac
  mkdir -p "$folder/munge" "$folder/state" "$folder/spool"
  chmod 755 "$folder"
  chmod 700 "$folder/munge"
  dd if=/dev/urandom of="$folder/munge/key" bs=1024 count=1 status=none
  chmod 600 "$folder/munge/key"
  /usr/sbin/munged --force --foreground --key-file "$folder/munge/key" --socket "$folder/munge.socket" \
    --log-file "$folder/munge/log" --pid-file "$folder/munge/pid" --seed-file "$folder/munge/seed" \
    > "$folder/munged.out" 2>&1 &
  echo $! > "$folder/munged.pid"

  # A task that was queued again may begin when its old credential has expired: after 2 minutes, unless told otherwise.
  cat > "$folder/slurm.conf" << CONF
ClusterName=test
SlurmctldHost=$host($address)
SlurmctldPort=$(free_port)
SlurmdPort=$(free_port)
$listen
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
CredType=cred/munge
AuthInfo=socket=$folder/munge.socket,cred_expire=5
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool
SlurmctldPidFile=$folder/slurmctld-own.pid
SlurmdPidFile=$folder/slurmd-own.pid
SlurmctldLogFile=$folder/slurmctld.log
SlurmdLogFile=$folder/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SlurmdParameters=config_overrides
SwitchType=switch/none
MpiDefault=none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerType=sched/builtin
SchedulerParameters=sched_interval=1,batch_sched_delay=0,sched_min_interval=0
ReturnToService=2
KillWait=1
MinJobAge=600
NodeName=$host NodeAddr=$address CPUs=$cpus State=UNKNOWN
PartitionName=test Nodes=$host Default=YES MaxTime=INFINITE State=UP
CONF
  export SLURM_CONF=$folder/slurm.conf
  for ((i = 0; i < 100; ++i)); do [ -S "$folder/munge.socket" ] && break; sleep 0.1; done
  /usr/sbin/slurmctld -D > "$folder/slurmctld.out" 2>&1 &
  echo $! > "$folder/slurmctld.pid"
  /usr/sbin/slurmd -D -N "$host" > "$folder/slurmd.out" 2>&1 &
  echo $! > "$folder/slurmd.pid"
  for ((i = 0; i < 300; ++i)); do
    [ "$(sinfo -h -o %t 2> /dev/null)" = idle ] && return
    kill -0 "$(< "$folder/slurmctld.pid")" "$(< "$folder/slurmd.pid")" 2> /dev/null || break
    sleep 0.2
  done
  echo "Slurm does not start:" >&2
  tail -n 5 "$folder"/*.log "$folder"/*.out >&2
  return 1
}

stop_slurm() {
  local folder=$1 daemon pid
  if [ -s "$folder/slurmctld.pid" ]; then # else SLURM_CONF may be that of another Slurm
    scancel --me > /dev/null 2>&1 || true
    for ((i = 0; i < 50; ++i)); do [ -n "$(squeue -h 2> /dev/null)" ] || break; sleep 0.1; done
  fi
  for daemon in slurmd slurmctld munged; do
    [ -s "$folder/$daemon.pid" ] || continue
    pid=$(< "$folder/$daemon.pid")
    kill "$pid" 2> /dev/null || true
    for ((i = 0; i < 50; ++i)); do kill -0 "$pid" 2> /dev/null || break; sleep 0.1; done
    kill -9 "$pid" 2> /dev/null || true
  done
}
