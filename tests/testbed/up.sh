#!/usr/bin/env bash
# up.sh [--no-bases | --check] [STATE_DIR]
# Starts registries and container engines of their own for the tests, on free loopback ports and with
# all their state below STATE_DIR (default: artifacts/testbed), and writes where they are to
# STATE_DIR/testbed.env (KEY=VALUE) and STATE_DIR/env.sh (the same for a shell to source).
# What cannot be started here is not in it; a line CONTAINERIZE_TEST_<NAME>_MISSING=<reason> is instead.
# --check starts nothing; its exit code says whether all is up.
set -euo pipefail
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$HERE/lib.sh"

# Not ASCII on purpose: clients have sent such a password in the wrong encoding before.
AUTH_USER=tester
AUTH_PASSWORD='s3cret-пароль'

# A Unix socket's path has at most 107 bytes, and dockerd puts its own names below the directory.
LONGEST_RUN_DIR=60

BASE_KEYS="RUNTIME_DEPS RUNTIME ASPNET RUNTIME_DOCKER ASPNET_DOCKER ASPNET_MULTI ASPNET_MULTI_DOCKER ASPNET_ARM64 BUSYBOX"

# --- what is written down --------------------------------------------------------------------------

put() { printf 'CONTAINERIZE_TEST_%s=%s\n' "$1" "$2" >>"$STATE_DIR/testbed.env"; }

missing() {
  put "$1_MISSING" "$2"
  say "no $1: $2"
}

is_put() { grep -q "^CONTAINERIZE_TEST_$1=" "$STATE_DIR/testbed.env"; }

value_of() { sed -n "s/^CONTAINERIZE_TEST_$1=//p" "$STATE_DIR/testbed.env"; }

# The same lines for a shell, whose values may need quotes.
write_env_sh() {
  local key value
  while IFS='=' read -r key value; do
    printf 'export %s=%q\n' "$key" "$value"
  done <"$STATE_DIR/testbed.env" >"$STATE_DIR/env.sh"
}

prepare_state() {
  mkdir -p "$STATE_DIR"/{bin,conf,logs}
  RUN_DIR=$STATE_DIR/run
  # It is part of a URL too, so unusual characters are as bad as a long path.
  if [ "${#RUN_DIR}" -gt "$LONGEST_RUN_DIR" ] || [[ $RUN_DIR =~ [^A-Za-z0-9/._-] ]]; then
    RUN_DIR=$(mktemp -d /tmp/containerize-testbed.XXXXXX)
  fi
  mkdir -p "$RUN_DIR"
  printf '%s\n' "$RUN_DIR" >"$STATE_DIR/run-dir"
  : >"$STATE_DIR/pids"
  : >"$STATE_DIR/testbed.env"
}

# wrapper NAME FIRST_LINE WORD...: a script that runs the words with whatever arguments it gets.
wrapper() {
  local file=$STATE_DIR/bin/$1 first_line=$2
  shift 2
  printf '#!/bin/bash\n%s\nexec%s "$@"\n' "$first_line" "$(printf ' %q' "$@")" >"$file"
  chmod 755 "$file"
}

# --- processes -------------------------------------------------------------------------------------

# launch user|root NAME COMMAND...: a process in a session of its own that outlives this script.
# The shell in between writes down its number before it becomes the command: with sudo, $! is sudo's.
launch() {
  local as=() name=$2 pid
  [ "$1" = user ] || as=("${AS_ROOT[@]}")
  shift 2
  rm -f "$RUN_DIR/$name.pid"
  # shellcheck disable=SC2016 # expanded by the inner shell
  setsid "${as[@]}" sh -c 'echo $$ >"$0" && exec "$@"' "$RUN_DIR/$name.pid" "$@" \
    </dev/null >"$STATE_DIR/logs/$name.log" 2>&1 &
  wait_for 5 test -s "$RUN_DIR/$name.pid" || return 1
  pid=$(cat "$RUN_DIR/$name.pid")
  printf '%s %s %s\n' "$name" "$pid" "$(start_time_of "$pid" || printf 0)" >>"$STATE_DIR/pids"
}

still_runs() {
  local name pid start
  while read -r name pid start; do
    [ "$name" != "$1" ] || is_running "$pid" "$start" || return 1
  done <"$STATE_DIR/pids"
}

# answers SECONDS NAME COMMAND...: waits, but not for a process that has ended.
answers() {
  local tries=$(($1 * 10)) name=$2
  shift 2
  until "$@" >/dev/null 2>&1; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] && still_runs "$name" || return 1
    sleep 0.1
  done
}

# What docker says at the end of an error is of no use to anybody.
last_line() { grep . "$STATE_DIR/logs/$1.log" | grep -vE "^(See|Run) 'docker" | tail -n 1 | tr -cd '[:print:]' | cut -c 1-300; }

# not_answering KEY NAME: what has ended already is no longer one of the processes that are up.
not_answering() {
  missing "$1" "$2 does not answer; the end of its log: $(last_line "$2")"
  still_runs "$2" || sed -i "/^$2 /d" "$STATE_DIR/pids"
}

# --- registries ------------------------------------------------------------------------------------

registry_config() {
  cat <<YAML
version: 0.1
storage:
  filesystem: {rootdirectory: "$STATE_DIR/$1"}
  delete: {enabled: true}
http: {addr: "127.0.0.1:0"}
YAML
}

# The registry picks the port itself, so nobody can take it between the choice and the use.
port_from_log() { sed -n 's/.*listening on 127\.0\.0\.1:\([0-9]*\).*/\1/p' "$STATE_DIR/logs/$1.log" | grep .; }

# start_registry KEY NAME CONFIG CURL_OPTION...
start_registry() {
  local key=$1 name=$2 config=$STATE_DIR/conf/$2.yml address
  printf '%s\n' "$3" >"$config"
  shift 3
  launch user "$name" docker-registry serve "$config"
  if ! answers 20 "$name" port_from_log "$name"; then
    not_answering "$key" "$name"
    return 0
  fi
  address=127.0.0.1:$(port_from_log "$name")
  if ! answers 10 "$name" fetch "$@" "http://$address/v2/"; then
    not_answering "$key" "$name"
    return 0
  fi
  put "$key" "$address"
}

start_registry_with_login() {
  local file=$STATE_DIR/conf/htpasswd
  if ! have htpasswd; then
    missing REGISTRY_AUTH 'htpasswd (package apache2-utils) is not installed'
    return 0
  fi
  # Standard input, not an argument: arguments are visible to every user of the machine.
  printf '%s' "$AUTH_PASSWORD" | htpasswd -niB -C 4 "$AUTH_USER" >"$file"
  start_registry REGISTRY_AUTH registry-auth "$(registry_config registry-auth)
auth: {htpasswd: {realm: testbed, path: \"$file\"}}" --user "$AUTH_USER:$AUTH_PASSWORD"
  if is_put REGISTRY_AUTH; then
    put REGISTRY_AUTH_USER "$AUTH_USER"
    put REGISTRY_AUTH_PASSWORD "$AUTH_PASSWORD"
  fi
}

start_registries() {
  local key
  if ! have docker-registry; then
    for key in REGISTRY REGISTRY2 REGISTRY_AUTH; do missing $key 'docker-registry is not installed'; done
    return 0
  fi
  start_registry REGISTRY registry "$(registry_config registry)"
  start_registry REGISTRY2 registry2 "$(registry_config registry2)"
  start_registry_with_login
}

registry_addresses() { sed -nE 's/^CONTAINERIZE_TEST_REGISTRY(2|_AUTH)?=//p' "$STATE_DIR/testbed.env"; }

# What podman, buildah and skopeo are told about these registries: plain http.
registries_conf() {
  printf 'unqualified-search-registries = ["docker.io"]\nshort-name-mode = "permissive"\n'
  registry_addresses | while read -r address; do
    printf '[[registry]]\nlocation = "%s"\ninsecure = true\n' "$address"
  done
}

# --- engines ---------------------------------------------------------------------------------------

start_containerd() {
  local socket=$RUN_DIR/containerd.sock
  if ! have containerd; then
    missing CTR 'containerd is not installed'
    return 0
  fi
  # The CRI and NRI plugins need what only Kubernetes has, or use fixed paths outside of ours.
  cat >"$STATE_DIR/conf/containerd.toml" <<TOML
version = 2
root = "$STATE_DIR/containerd"
state = "$RUN_DIR/containerd"
disabled_plugins = ["io.containerd.grpc.v1.cri", "io.containerd.nri.v1.nri"]
[grpc]
  address = "$socket"
[plugins."io.containerd.internal.v1.opt"]
  path = "$STATE_DIR/containerd-opt"
TOML
  launch root containerd containerd --config "$STATE_DIR/conf/containerd.toml"
  wrapper ctr '' "${AS_ROOT[@]}" "$(command -v ctr)" --address "$socket"
  if answers 20 containerd "$STATE_DIR/bin/ctr" version; then
    put CTR "$STATE_DIR/bin/ctr"
  else
    not_answering CTR containerd
  fi
}

# No bridge and no packet filter rules: containers run on the host's network or on none, and another
# daemon's rules stay as they are. Without --config-file it would read the machine's own daemon.json.
start_dockerd() {
  local arguments=(--data-root "$STATE_DIR/docker" --exec-root "$RUN_DIR/docker" --pidfile "$RUN_DIR/dockerd.own.pid"
    -H "unix://$RUN_DIR/docker.sock" --group "$(id -gn)" --config-file "$STATE_DIR/conf/docker.json"
    --bridge=none --iptables=false --ip-forward=false --default-ulimit nofile=1024:1024)
  local address
  while read -r address; do
    arguments+=(--insecure-registry "$address")
  done < <(registry_addresses)
  # The private containerd when there is one: else dockerd uses the machine's, if that runs.
  if is_put CTR; then arguments+=(--containerd "$RUN_DIR/containerd.sock"); fi
  printf '{}\n' >"$STATE_DIR/conf/docker.json"
  launch root dockerd dockerd "${arguments[@]}"
}

# The first client on the path that gets along with this daemon; a newer one may be too new for it.
start_docker() {
  local client config
  if ! have dockerd || ! have docker; then
    missing DOCKER 'dockerd or docker is not installed'
    return 0
  fi
  start_dockerd
  if ! answers 30 dockerd fetch --unix-socket "$RUN_DIR/docker.sock" http://docker/_ping; then
    not_answering DOCKER dockerd
    return 0
  fi
  mkdir -p "$STATE_DIR/conf/docker"
  config="export DOCKER_CONFIG=\${DOCKER_CONFIG:-$(printf '%q' "$STATE_DIR/conf/docker")}"
  while read -r client; do
    wrapper docker "$config" env -u DOCKER_CONTEXT -u DOCKER_TLS_VERIFY "DOCKER_HOST=unix://$RUN_DIR/docker.sock" "$client"
    if "$STATE_DIR/bin/docker" ps >/dev/null 2>&1; then
      put DOCKER "$STATE_DIR/bin/docker"
      put DOCKER_HOST "unix://$RUN_DIR/docker.sock"
      return 0
    fi
  done < <(type -ap docker | grep -vxF "$STATE_DIR/bin/docker")
  missing DOCKER 'no docker client of this machine gets along with its dockerd'
}

# Podman has no daemon: a wrapper that gives it a store and settings of its own is all there is.
# runc, because crun does not start everywhere; the limits, because runc may not raise those it has.
write_podman_settings() {
  local runtime=crun
  if have runc; then runtime=runc; fi
  registries_conf >"$STATE_DIR/conf/registries.conf"
  printf '{"default": [{"type": "insecureAcceptAnything"}]}\n' >"$STATE_DIR/conf/policy.json"
  cat >"$STATE_DIR/conf/storage.conf" <<TOML
[storage]
driver = "overlay"
graphroot = "$STATE_DIR/podman"
runroot = "$RUN_DIR/podman"
TOML
  cat >"$STATE_DIR/conf/containers.conf" <<TOML
[containers]
default_ulimits = ["nofile=1024:1024", "nproc=1000:1000"]
[engine]
runtime = "$runtime"
cgroup_manager = "cgroupfs"
events_logger = "none"
tmp_dir = "$RUN_DIR/podman-tmp"
TOML
}

set_up_podman() {
  local conf=$STATE_DIR/conf
  local words=("${AS_ROOT[@]}" env "CONTAINERS_CONF=$conf/containers.conf" "CONTAINERS_STORAGE_CONF=$conf/storage.conf"
    "CONTAINERS_REGISTRIES_CONF=$conf/registries.conf" BUILDAH_ISOLATION=chroot)
  if ! have podman; then
    missing PODMAN 'podman is not installed'
  else
    wrapper podman '' "${words[@]}" "$(command -v podman)"
    if "$STATE_DIR/bin/podman" info >"$STATE_DIR/logs/podman.log" 2>&1; then
      put PODMAN "$STATE_DIR/bin/podman"
    else
      not_answering PODMAN podman
    fi
  fi
  if ! have buildah; then
    missing BUILDAH 'buildah is not installed'
  else
    wrapper buildah '' "${words[@]}" "$(command -v buildah)"
    put BUILDAH "$STATE_DIR/bin/buildah"
  fi
}

set_up_tools() {
  if have skopeo; then
    wrapper skopeo '' "$(command -v skopeo)" --policy "$STATE_DIR/conf/policy.json" --registries-conf "$STATE_DIR/conf/registries.conf"
    put SKOPEO "$STATE_DIR/bin/skopeo"
  else
    missing SKOPEO 'skopeo is not installed'
  fi
  if have umoci; then put UMOCI "$(command -v umoci)"; else missing UMOCI 'umoci is not installed'; fi
}

start_engines() {
  local key
  write_podman_settings
  set_up_tools
  if ! can_be_root; then
    for key in CTR DOCKER PODMAN BUILDAH; do
      missing $key 'it takes root or a sudo that does not ask for a password'
    done
    return 0
  fi
  start_containerd
  start_docker
  set_up_podman
}

# --- all of it -------------------------------------------------------------------------------------

# Up is what has all its processes and answers. In a subshell, for what it exports may be out of date.
is_up() (
  local name pid start
  [ -s "$STATE_DIR/testbed.env" ] && [ -s "$STATE_DIR/pids" ] || return 1
  while read -r name pid start; do
    is_running "$pid" "$start" || return 1
  done <"$STATE_DIR/pids"
  load_env "$STATE_DIR/testbed.env"
  [ -z "${CONTAINERIZE_TEST_REGISTRY:-}" ] || fetch "http://$CONTAINERIZE_TEST_REGISTRY/v2/" >/dev/null || return 1
  [ -z "${CONTAINERIZE_TEST_DOCKER:-}" ] || "$CONTAINERIZE_TEST_DOCKER" ps >/dev/null
)

add_bases() {
  local lines key reason
  sed -i '/^CONTAINERIZE_TEST_BASE_/d' "$STATE_DIR/testbed.env"
  say 'adding the base images; making them the first time takes about a minute'
  if lines=$("$HERE/bases.sh" "$STATE_DIR" 2>"$STATE_DIR/logs/bases.log"); then
    printf '%s\n' "$lines" >>"$STATE_DIR/testbed.env"
    return 0
  fi
  reason="the base images could not be made; the end of the log: $(last_line bases)"
  for key in $BASE_KEYS; do put "BASE_${key}_MISSING" "$reason"; done
  say "no base images: $reason"
}

# An engine that answers may still be unable to start a container, in a sandbox for instance.
# check_engine KEY NAME
check_engine() {
  is_put "$1" && is_put BASE_BUSYBOX || return 0
  if "$STATE_DIR/bin/$2" run --rm --network=none "$(value_of BASE_BUSYBOX)" true >"$STATE_DIR/logs/$2-run.log" 2>&1; then
    return 0
  fi
  sed -i -E "/^CONTAINERIZE_TEST_$1(_HOST)?=/d" "$STATE_DIR/testbed.env"
  missing "$1" "$2 cannot start a container here; the end of its output: $(last_line "$2-run")"
}

main() {
  local with_bases=true only_check=false
  STATE_DIR=$DEFAULT_STATE_DIR
  while [ $# -gt 0 ]; do
    case $1 in
      --no-bases) with_bases=false ;;
      --check) only_check=true ;;
      -*) say "unknown option $1" && exit 2 ;;
      *) STATE_DIR=$1 ;;
    esac
    shift
  done
  mkdir -p "$STATE_DIR"
  STATE_DIR=$(cd "$STATE_DIR" && pwd)

  if $only_check; then
    is_up
    return
  fi
  if is_up; then
    say "already up in $STATE_DIR"
    sed -n 's/^CONTAINERIZE_TEST_\(.*\)_MISSING=/without \1: /p' "$STATE_DIR/testbed.env" >&2
  else
    "$HERE/down.sh" "$STATE_DIR"
    prepare_state
    start_registries
    start_engines
  fi
  if $with_bases && ! is_put BASE_ASPNET; then
    add_bases
    check_engine DOCKER docker
    check_engine PODMAN podman
  fi
  write_env_sh
  say "up; source $STATE_DIR/env.sh to use it"
}

main "$@"
