# shellcheck shell=bash
# What the testbed's scripts share. Sourced, never run.

REPO_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# shellcheck disable=SC2034 # used by the scripts that source this file
DEFAULT_STATE_DIR=$REPO_ROOT/artifacts/testbed

# Debian keeps dockerd, iptables and others in sbin, which is not on every user's path.
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin

say() { printf 'testbed: %s\n' "$*" >&2; }

have() { command -v "$1" >/dev/null 2>&1; }

# The words before a command that needs root; none where sudo would ask for a password or is not there.
AS_ROOT=()
if [ "$(id -u)" != 0 ] && sudo -n true 2>/dev/null; then AS_ROOT=(sudo -n); fi

as_root() { "${AS_ROOT[@]}" "$@"; }

can_be_root() { [ "$(id -u)" = 0 ] || [ "${#AS_ROOT[@]}" -gt 0 ]; }

# A proxy of the environment must not come between us and our own loopback servers.
fetch() { curl --noproxy '*' --silent --show-error --fail --max-time 10 "$@"; }

# wait_for SECONDS COMMAND...: tries ten times a second.
wait_for() {
  local tries=$(($1 * 10))
  shift
  until "$@" >/dev/null 2>&1; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || return 1
    sleep 0.1
  done
}

# Exports every KEY=VALUE line of a file; unlike sourcing it, takes the values as they are.
load_env() {
  local key value
  while IFS='=' read -r key value; do
    [ -n "$key" ] && export "$key=$value"
  done <"$1"
}

# The moment the process started, which tells it from a later one with the same number.
# Its name may contain spaces, so what counts begins after the closing parenthesis.
start_time_of() {
  local stat
  stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
  stat=${stat##*) }
  # shellcheck disable=SC2086 # split into fields on purpose; starttime is field 22, the 20th after the name
  set -- $stat
  # A zombie has ended; only nobody has asked for its exit code yet.
  [ "$1" != Z ] && printf '%s\n' "${20}"
}

# is_running PID STARTTIME
is_running() { [ "$(start_time_of "$1")" = "$2" ]; }

# A loopback port that nobody listens on at the moment.
free_port() {
  local port
  for _ in {1..50}; do
    port=$((20000 + RANDOM % 10000))
    if ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
      printf '%s\n' "$port"
      return 0
    fi
  done
  return 1
}
