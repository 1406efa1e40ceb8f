#!/usr/bin/env bash
# down.sh [STATE_DIR]
# Ends exactly the processes that up.sh started there and removes their data. The logs stay, and so do
# the base images, which are kept elsewhere.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

SECONDS_TO_END=15

# What runs inside the engines first: a containerd that ends leaves its containers running.
end_containers() {
  local docker=$STATE_DIR/bin/docker podman=$STATE_DIR/bin/podman ctr=$STATE_DIR/bin/ctr namespace
  if [ -x "$docker" ]; then
    timeout 20 "$docker" ps -q | timeout 30 xargs -r "$docker" kill || true
  fi
  if [ -x "$podman" ]; then timeout 30 "$podman" rm -f -a -t 0 || true; fi
  if [ -x "$ctr" ]; then
    # All namespaces: a dockerd that was killed has left its containers in its own.
    for namespace in $(timeout 20 "$ctr" namespace ls -q); do
      timeout 20 "$ctr" -n "$namespace" task ls -q | timeout 30 xargs -r -n 1 "$ctr" -n "$namespace" task rm -f || true
    done
  fi
} >>"$STATE_DIR/logs/down.log" 2>&1

has_ended() { ! is_running "$@"; }

# The shell's own kill: a small system has no other.
send() { as_root sh -c "kill -s $1 $2"; }

# The last started first: dockerd needs containerd until its own end.
end_processes() {
  local name pid start
  tac "$STATE_DIR/pids" | while read -r name pid start; do
    is_running "$pid" "$start" || continue
    send TERM "$pid" || true
    wait_for "$SECONDS_TO_END" has_ended "$pid" "$start" && continue
    say "$name ($pid) did not end within $SECONDS_TO_END s; killing it."
    send KILL "$pid" || true
    wait_for 5 has_ended "$pid" "$start" && continue
    say "$name ($pid) cannot be ended; its data stays."
    return 1
  done
}

# mounts_below DIR: the deepest first. The kernel writes a space as \040.
mounts_below() {
  local path
  while read -r _ _ _ _ path _; do
    path=$(printf '%b' "$path")
    case $path in "$1"/*) printf '%s\n' "$path" ;; esac
  done </proc/self/mountinfo | sort -r
}

unmount_below() {
  local path
  mounts_below "$1" | while read -r path; do
    as_root umount "$path" 2>/dev/null || as_root umount -l "$path" || true
  done
}

remove_data() {
  local run_dir
  run_dir=$(cat "$STATE_DIR/run-dir")
  unmount_below "$STATE_DIR"
  unmount_below "$run_dir"
  # --one-file-system: should a mount be left after all, what is behind it is not ours to delete.
  as_root rm -rf --one-file-system "$run_dir" "$STATE_DIR"/{bin,conf,registry,registry2,registry-auth,docker,podman,containerd,containerd-opt,run-dir}
  rm -f "$STATE_DIR"/{testbed.env,env.sh,pids}
}

main() {
  STATE_DIR=${1:-$DEFAULT_STATE_DIR}
  # No such file: nothing was ever started there, so nothing there is ours to touch.
  [ -e "$STATE_DIR/pids" ] || return 0
  STATE_DIR=$(cd "$STATE_DIR" && pwd)
  end_containers
  end_processes
  remove_data
  say "down; the logs are in $STATE_DIR/logs"
}

main "$@"
