#!/usr/bin/env bash
# tests/bench.sh [--runs N] [--quick] [--cases NAME,NAME] [--output FILE]
# Measures the container step beside the .NET SDK's, buildah's and docker's, on real registries, and writes docs/benchmarks.md.
# A part of the cases, or fewer runs than five, go to artifacts/bench/benchmarks.md. All figures: artifacts/bench/results.json.
# tests/bench.sh --micro [ARGUMENT...]
# Measures tars, gzip and digests with BenchmarkDotNet and its arguments.
# A testbed that is up is used, and stays up.
set -euo pipefail
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source-path=SCRIPTDIR source=testbed/lib.sh
. "$ROOT/tests/testbed/lib.sh"

export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_GENERATE_ASPNET_CERTIFICATE=false

set_up() {
  # One that the environment names is somebody else's.
  [ -z "${CONTAINERIZE_TEST_REGISTRY:-}" ] || return 0
  if ! "$ROOT/tests/testbed/up.sh" --check; then
    "$ROOT/tests/testbed/install.sh"
    trap '"$ROOT/tests/testbed/down.sh" || true' EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
    "$ROOT/tests/testbed/up.sh"
  fi
  load_env "$DEFAULT_STATE_DIR/testbed.env"
}

cd "$ROOT"
[ "${1:-}" = --micro ] || set_up
dotnet build tests/Containerize.Benchmarks -c Release
dotnet run -c Release --no-build --project tests/Containerize.Benchmarks -- "$@"
