#!/usr/bin/env bash
# demo.sh [--keep]
# Publishes testassets/HelloWeb as a container image, runs it and shows what it answers: on a fresh
# Debian or Ubuntu with the .NET SDK, nothing else is needed. Every command that matters is printed.
#   --keep  leaves registry and container engine up afterwards
set -euo pipefail
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR source=tests/testbed/lib.sh
. "$ROOT/tests/testbed/lib.sh"

TESTBED=$ROOT/tests/testbed
ARCHIVE=artifacts/hello-web.tar
SECONDS_TO_ANSWER=30
DOWN_AFTERWARDS=true
ENGINE=
CONTAINER=

export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_GENERATE_ASPNET_CERTIFICATE=false

show() { printf '\n+%s\n' "$(printf ' %q' "$@")"; }

run() {
  show "$@"
  "$@"
}

finish() {
  local code=$?
  trap - EXIT
  [ -z "$CONTAINER" ] || run "$ENGINE" stop "$CONTAINER" || true
  if $DOWN_AFTERWARDS; then "$TESTBED/down.sh" || true; fi
  exit "$code"
}

set_up() {
  "$TESTBED/install.sh"
  have dotnet || { say 'the .NET SDK is not installed; it comes from https://dot.net/download' && exit 1; }
  if "$TESTBED/up.sh" --check; then DOWN_AFTERWARDS=false; fi
  trap finish EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
  "$TESTBED/up.sh"
  load_env "$DEFAULT_STATE_DIR/testbed.env"
  # From here on, docker and podman are the testbed's: with a store and, for docker, a daemon of its own.
  PATH=$DEFAULT_STATE_DIR/bin:$PATH
}

# The first engine that can start a container here.
choose_engine() {
  local engine
  [ -n "${CONTAINERIZE_TEST_REGISTRY:-}" ] || return 0
  for engine in docker podman; do
    if [ -x "$DEFAULT_STATE_DIR/bin/$engine" ] &&
      "$engine" run --rm --network=none "${CONTAINERIZE_TEST_BASE_BUSYBOX:-}" true >/dev/null 2>&1; then
      ENGINE=$engine
      return 0
    fi
  done
}

# Without the testbed's base image it is the one that .NET projects get by default, from the internet.
publish() {
  local base=()
  [ -z "${CONTAINERIZE_TEST_BASE_ASPNET:-}" ] || base=(-p:ContainerBaseImage="$CONTAINERIZE_TEST_BASE_ASPNET")
  run dotnet publish testassets/HelloWeb -p:ContainerPublish=true "$@" -p:ContainerRepository=hello-web \
    "${base[@]}" -p:ContainerImageTag=demo
}

publish_and_run() {
  local image=$CONTAINERIZE_TEST_REGISTRY/hello-web:demo port
  port=$(free_port)
  publish -p:ContainerRegistry="$CONTAINERIZE_TEST_REGISTRY"
  run "$ENGINE" pull "$image"
  set -- "$ENGINE" run -d --rm --network=host -e ASPNETCORE_HTTP_PORTS="$port" "$image"
  show "$@"
  CONTAINER=$("$@")
  printf '%s\n' "$CONTAINER"

  if ! wait_for "$SECONDS_TO_ANSWER" fetch "http://127.0.0.1:$port/"; then
    say "the application did not answer within $SECONDS_TO_ANSWER s; its output:"
    "$ENGINE" logs "$CONTAINER" >&2 || true
    return 1
  fi
  show curl "http://127.0.0.1:$port/"
  fetch "http://127.0.0.1:$port/"
}

publish_archive() {
  publish -p:ContainerArchiveOutputPath="$ROOT/$ARCHIVE"
  printf '\nNeither docker nor podman can start a container here, so the image is in %s;\nelsewhere, "docker load -i %s" makes it known to an engine.\n' "$ARCHIVE" "$ARCHIVE"
}

main() {
  local keep=false
  case ${1:-} in
    '') ;;
    --keep) keep=true ;;
    *) say "unknown option $1" && exit 2 ;;
  esac
  cd "$ROOT"
  set_up
  if $keep; then DOWN_AFTERWARDS=false; fi
  choose_engine
  if [ -n "$ENGINE" ]; then publish_and_run; else publish_archive; fi
}

main "$@"
