#!/usr/bin/env bash
# tests/run.sh [--filter EXPRESSION] [--fast] [--keep]
# Installs what is needed, starts the testbed, builds, packs and runs all tests; what does not wait for each other runs side by side.
#   --filter EXPRESSION  only the tests that `dotnet test --filter EXPRESSION` selects
#   --fast               only the tests that need no server and no package
#   --keep               leaves the testbed up
# At the end it says how long each step took and which tests were the slowest. The last line is always "N passed, N failed, N skipped". Where CI=true, a skipped test is a failure.
set -euo pipefail
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source-path=SCRIPTDIR source=testbed/lib.sh
. "$ROOT/tests/testbed/lib.sh"

RESULTS=$ROOT/artifacts/test-results
PACKAGES=$ROOT/artifacts/package
FAST_PROJECT=Containerize.Tests
# A run is a project, or a part of one: its name is the project's, with the part behind a dot.
PROJECTS=(Containerize.Tests Containerize.Tasks.Tests Containerize.EndToEnd Containerize.EndToEnd.Second)
FILTER=
FAST=false
KEEP=false
COMPLETE=false
SLOWEST=20

# What the first use of an SDK would say or do besides.
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_GENERATE_ASPNET_CERTIFICATE=false

# --- results -----------------------------------------------------------------------------------------

# results OUTCOME: "name: first line of its message" of every test with that outcome.
results() {
  local file
  for file in "$RESULTS"/*.trx; do
    [ -e "$file" ] || continue
    awk -v wanted="$1" '
      function attribute(line, key) {
        if (!match(line, " " key "=\"[^\"]*\"")) return ""
        return substr(line, RSTART + length(key) + 3, RLENGTH - length(key) - 4)
      }
      function text(xml) {
        gsub(/&lt;/, "<", xml); gsub(/&gt;/, ">", xml); gsub(/&quot;/, "\"", xml); gsub(/&apos;/, "\x27", xml)
        gsub(/&#x[0-9A-Fa-f]+;/, " ", xml); gsub(/&amp;/, "\\&", xml)
        return xml
      }
      function flush() { if (name != "") print "  " text(name) (message == "" ? "" : ": " text(message)); name = "" }
      /<UnitTestResult / {
        flush(); message = ""
        if (attribute($0, "outcome") == wanted) name = attribute($0, "testName")
      }
      name != "" && message == "" && match($0, /<Message>/) {
        message = substr($0, RSTART + RLENGTH); sub(/<\/Message>.*/, "", message); sub(/\r$/, "", message)
      }
      /<\/Results>/ { flush() }
    ' "$file"
  done
}

# slowest N: the seconds and names of the tests that took longest.
slowest() {
  local file
  for file in "$RESULTS"/*.trx; do
    [ -e "$file" ] || continue
    awk '
      function attribute(key) { return match($0, " " key "=\"[^\"]*\"") ? substr($0, RSTART + length(key) + 3, RLENGTH - length(key) - 4) : "" }
      /<UnitTestResult / {
        name = attribute("testName"); gsub(/&quot;/, "\"", name); gsub(/&lt;/, "<", name); gsub(/&gt;/, ">", name); gsub(/&amp;/, "\\&", name)
        if (split(attribute("duration"), part, ":") == 3) printf "%7.1f s  %s\n", part[1] * 3600 + part[2] * 60 + part[3], substr(name, 1, 160)
      }
    ' "$file"
  done | sort -rn | head -n "$1"
}

# counts FILE: "passed failed skipped". The logger counts a skipped test in the total only.
counts() {
  [ -e "$1" ] || { printf '0 0 0\n' && return; }
  awk '
    function number(key) { return match($0, " " key "=\"[0-9]+\"") ? substr($0, RSTART + length(key) + 3) + 0 : 0 }
    /<Counters / { print number("passed"), number("executed") - number("passed"), number("total") - number("executed"); found = 1; exit }
    END { if (!found) print "0 0 0" }
  ' "$1"
}

# The projects whose run ended with an error though no test of theirs has failed: a crash.
CRASHED=()

list() {
  local lines=$2
  [ -z "$lines" ] || printf '\n%s:\n%s\n' "$1" "$lines"
}

# Prints what failed and what was skipped and why; its exit code is that of the whole run.
report() {
  local project p f s passed=0 failed=0 skipped=0
  for project in "${PROJECTS[@]}"; do
    read -r p f s <<<"$(counts "$RESULTS/$project.trx")"
    passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
  done
  failed=$((failed + ${#CRASHED[@]}))
  list 'Failed' "$(results Failed; printf '%s' "${CRASHED[@]/#/  }")"
  list 'Skipped' "$(results NotExecuted)"
  list "The $SLOWEST slowest tests" "$(slowest "$SLOWEST")"
  list 'Steps' "$(printf '%s\n' "${TOOK[@]}")"
  $COMPLETE || printf '\nThe run broke off before all tests had run.\n'
  if [ "${CI:-}" = true ] && [ "$skipped" -gt 0 ]; then
    printf '\nCI=true: the skipped tests count as failures.\n'
  fi
  printf '\n%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
  $COMPLETE && [ "$failed" = 0 ] && [ "$passed" -gt 0 ] &&
    { [ "${CI:-}" != true ] || [ "$skipped" = 0 ]; }
}

# The test runs in the background, which an interrupted shell would leave behind: their process ids, by project.
declare -A RUNNING=()
# The set-up beside the build: its process id, or nothing.
SET_UP=

finish() {
  trap - EXIT INT TERM
  [ "${#RUNNING[@]}" = 0 ] || kill "${RUNNING[@]}" 2>/dev/null || true
  # Or it would start servers after the others have been ended.
  [ -z "$SET_UP" ] || wait "$SET_UP" || true
  $FAST || $KEEP || "$ROOT/tests/testbed/down.sh" || true
  if report; then exit 0; else exit 1; fi
}

# --- steps -------------------------------------------------------------------------------------------

# "step: when it began and ended", in seconds since the start.
TOOK=()

# took WHAT SINCE
took() { TOOK+=("$(printf '%5d s to %4d s  %s' "$2" "$SECONDS" "$1")"); }

step() {
  local since=$SECONDS
  printf '\n== %s\n' "$*"
  "$@"
  took "$*" "$since"
}

set_up() {
  "$ROOT/tests/testbed/install.sh"
  # A testbed that is not complete is no reason to stop: the tests say what is missing.
  "$ROOT/tests/testbed/up.sh" || say 'the testbed could not be started'
}

# Servers start while the compiler runs; but without an SDK there is nothing to run it with.
begin_set_up() {
  mkdir -p "$RESULTS/logs"
  if have dotnet; then
    set_up >"$RESULTS/logs/set-up.log" 2>&1 &
    SET_UP=$!
  else
    step set_up
  fi
}

end_set_up() {
  if [ -n "$SET_UP" ]; then
    wait "$SET_UP" || say 'the testbed could not be set up'
    SET_UP=
    cat "$RESULTS/logs/set-up.log"
  fi
  [ ! -e "$DEFAULT_STATE_DIR/testbed.env" ] || load_env "$DEFAULT_STATE_DIR/testbed.env"
}

build() {
  if $FAST; then
    step dotnet build "tests/$FAST_PROJECT" -c Release
    return
  fi
  step dotnet build Containerize.sln -c Release
  rm -rf "$PACKAGES"
  step dotnet pack Containerize.sln -c Release -o "$PACKAGES"
  # The tests take this one and pack none of their own.
  CONTAINERIZE_TEST_PACKAGE=$(printf '%s' "$PACKAGES"/*.nupkg)
  export CONTAINERIZE_TEST_PACKAGE
}

# Which tests of its project a run has: the tests against servers that take longest are marked [Trait("Lane", "Second")].
declare -A PARTS=([Containerize.EndToEnd]='Lane!=Second' [Containerize.EndToEnd.Second]='Lane=Second')

# become_test_run RUN: for a subshell, whose process id then is the run's.
become_test_run() {
  local part=${PARTS[$1]:-} filter=()
  if [ -n "$part" ]; then
    [ -z "$FILTER" ] || part="($part)&($FILTER)"
    filter=(--filter "$part")
  elif [ -n "$FILTER" ]; then
    filter=(--filter "$FILTER")
  fi
  printf '\n== tests/%s\n' "$1"
  exec dotnet test "tests/${1%.Second}" -c Release --no-build "${filter[@]}" \
    --logger "trx;LogFileName=$1.trx" --results-directory "$RESULTS"
}

# tell PROJECT EXIT_CODE: what came of its run.
tell() {
  local p f s
  read -r p f s <<<"$(counts "$RESULTS/$1.trx")"
  say "$1: $p passed, $f failed, $s skipped"
  if [ "$2" != 0 ] && [ "$f" = 0 ]; then
    CRASHED+=("$1: the test run itself ended with exit code $2")
  fi
}

# begin PROJECT: its tests, in the background.
begin() {
  printf '\n== tests/%s begins\n' "$1"
  BEGUN[$1]=$SECONDS
  become_test_run "$1" >"$RESULTS/logs/$1.log" 2>&1 &
  RUNNING[$1]=$!
}

# end PROJECT: waits for its tests and says what came of them.
end() {
  local code=0
  wait "${RUNNING[$1]}" || code=$?
  unset "RUNNING[$1]"
  took "tests/$1" "${BEGUN[$1]}"
  cat "$RESULTS/logs/$1.log"
  tell "$1" "$code"
}

declare -A BEGUN=()

# Two lanes, each of which runs its tests one after the other: most of those against servers, which take longest and wait for these half of
# the time, and everything else. [Trait("Lane", "Second")] keeps them equally long.
run_tests() {
  mkdir -p "$RESULTS/logs"
  if $FAST; then
    begin "$FAST_PROJECT"
    end "$FAST_PROJECT"
    return
  fi
  begin Containerize.EndToEnd
  begin "$FAST_PROJECT"
  end "$FAST_PROJECT"
  begin Containerize.Tasks.Tests
  end Containerize.Tasks.Tests
  begin Containerize.EndToEnd.Second
  end Containerize.EndToEnd.Second
  end Containerize.EndToEnd
}

main() {
  while [ $# -gt 0 ]; do
    case $1 in
      --filter)
        [ $# -gt 1 ] || { say '--filter needs an expression' && exit 2; }
        FILTER=$2
        shift
        ;;
      --fast) FAST=true ;;
      --keep) KEEP=true ;;
      *) say "unknown option $1" && exit 2 ;;
    esac
    shift
  done
  cd "$ROOT"
  rm -rf "$RESULTS"
  trap finish EXIT
  # Without these the shell would die of the signal and leave the testbed behind.
  trap 'exit 130' INT
  trap 'exit 143' TERM
  if $FAST; then PROJECTS=("$FAST_PROJECT"); else begin_set_up; fi
  build
  $FAST || end_set_up
  run_tests
  COMPLETE=true
}

main "$@"
