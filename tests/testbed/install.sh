#!/usr/bin/env bash
# Installs what the tests against real servers need, as far as this machine allows it.
# It never fails because something cannot be installed: the tests that need it skip by name then
# (and fail where CI=true).
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# COMMAND PACKAGE. A command that is there is taken as it is, whoever installed it: Debian's docker.io
# cannot be installed beside Docker's own packages.
NEEDED='
dockerd         docker.io
docker          docker-cli
docker-registry docker-registry
podman          podman
skopeo          skopeo
umoci           umoci
buildah         buildah
runc            runc
containerd      containerd
ctr             containerd
mmdebstrap      mmdebstrap
jq              jq
curl            curl
git             git
newuidmap       uidmap
iptables        iptables
zstd            zstd
htpasswd        apache2-utils
'
CERTIFICATES=/etc/ssl/certs/ca-certificates.crt
POLICY=/usr/sbin/policy-rc.d

missing_packages() {
  local command package
  while read -r command package; do
    [ -z "$command" ] || have "$command" || printf '%s\n' "$package"
  done <<<"$NEEDED" | sort -u
  [ -e "$CERTIFICATES" ] || printf 'ca-certificates\n'
}

is_debian() { have apt-get && grep -qiE '^(ID|ID_LIKE)=.*(debian|ubuntu)' /etc/os-release; }

apt() { as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y -o Dpkg::Use-Pty=0 "$@"; }

# A package's daemon must not start by itself: the tests start their own, with their own state.
forbid_daemons() {
  [ ! -e "$POLICY" ] || return 0
  trap 'as_root rm -f "$POLICY"' EXIT
  printf '#!/bin/sh\nexit 101\n' | as_root tee "$POLICY" >/dev/null
  as_root chmod 755 "$POLICY"
}

allow_daemons() {
  [ -n "$(trap -p EXIT)" ] || return 0
  as_root rm -f "$POLICY"
  trap - EXIT
}

# Older releases have docker's client inside docker.io and no package of its own.
only_existing() {
  local package
  for package in "$@"; do
    if apt-cache show "$package" >/dev/null 2>&1; then printf '%s\n' "$package"; fi
  done
}

# All at once when possible; one by one otherwise, so that one conflict does not cost the rest.
install_packages() {
  local package packages
  mapfile -t packages < <(only_existing "$@")
  [ "${#packages[@]}" -gt 0 ] || return 0
  apt install --no-install-recommends "${packages[@]}" >&2 && return 0
  for package in "${packages[@]}"; do
    apt install --no-install-recommends "$package" >&2 || say "$package could not be installed."
  done
}

# A source that does not answer is no reason to give up: the package may be in another one.
update_lists() { apt update >&2 || say 'apt-get update reported an error; going on with the lists there are.'; }

install_dotnet() {
  apt install --no-install-recommends dotnet-sdk-10.0 >&2 2>/dev/null && return 0
  say 'The .NET SDK 10 is missing and no package source of this machine has dotnet-sdk-10.0; it comes from https://dot.net/download.'
}

main() {
  local packages missing still
  mapfile -t packages < <(missing_packages)
  missing="${packages[*]}$(have dotnet || printf ' dotnet')"
  [ -n "$missing" ] || return 0
  if ! is_debian; then
    say "Missing and not installed, because this is neither Debian nor Ubuntu: $missing."
    return 0
  fi
  if ! can_be_root; then
    say "Missing and not installed, because that takes root or a sudo that does not ask for a password: $missing."
    return 0
  fi

  forbid_daemons
  update_lists
  [ "${#packages[@]}" = 0 ] || install_packages "${packages[@]}"
  have dotnet || install_dotnet
  allow_daemons

  # docker-cli is a wish: docker.io brought the client where that package does not exist.
  still=$(missing_packages | paste -s -d ' ')
  [ -z "$still" ] || say "Still missing, because it could not be installed: $still."
}

main "$@"
