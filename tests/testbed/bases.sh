#!/usr/bin/env bash
# bases.sh [STATE_DIR]
# Makes .NET base images with the same content as Microsoft's, from this distribution's packages and the
# shared frameworks of the installed SDK, so that no test needs a registry on the internet. Pushes them
# to the testbed's first registry and prints the lines for testbed.env.
# The images are kept in the user's cache, so only the first run takes its time.
set -euo pipefail
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$HERE/lib.sh"

CACHE_ROOT=${XDG_CACHE_HOME:-$HOME/.cache}/containerize-testbed
DAYS_KEPT=30
TAG=10.0
CREATED=2026-01-01T00:00:00Z
# The same moment; what mmdebstrap and our own layers take as the time of every file.
export SOURCE_DATE_EPOCH=1767225600

fail() {
  say "$*"
  exit 1
}

# --- layers ----------------------------------------------------------------------------------------

# The machine's own mirror when apt has a plain one; else mmdebstrap's default for the distribution.
mirror() {
  # shellcheck disable=SC2016 # apt's own placeholder
  apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' "Codename: $1" 2>/dev/null | grep -m 1 -E '^https?://' || true
}

# bootstrap DIR MMDEBSTRAP_OPTION...
bootstrap() {
  local dir=$1 codename
  shift
  # shellcheck disable=SC1091,SC2153 # the distribution's own file
  codename=$(. /etc/os-release && printf '%s' "$VERSION_CODENAME")
  # shellcheck disable=SC2046 # no mirror, no argument
  as_root env SOURCE_DATE_EPOCH="$SOURCE_DATE_EPOCH" mmdebstrap --mode=root --format=directory "$@" \
    "$codename" "$dir" $(mirror "$codename") >&2
}

# pack DIR FILE TAR_OPTION...: names without a leading ./ and in a fixed order, as image builders write
# them. Left out is what an engine mounts over anyway: devices, and this machine's name and resolver.
pack() {
  local dir=$1 file=$2 names
  shift 2
  mapfile -t names < <(as_root ls "$dir")
  as_root tar -C "$dir" --sort=name --format=posix --pax-option=delete=atime,delete=ctime \
    --numeric-owner --mtime="@$SOURCE_DATE_EPOCH" --anchored \
    --exclude='dev/*' --exclude=etc/resolv.conf --exclude=etc/hostname "$@" -cf - "${names[@]}" >"$file"
}

# What Microsoft's runtime-deps holds: a slim system, the libraries that .NET loads, the user app.
# The patterns are for apt: these two packages carry their version in their name.
make_deps() {
  # shellcheck disable=SC2016 # mmdebstrap's hooks get the directory as $1
  bootstrap "$WORK/deps" --variant=minbase \
    --include='?name(^libicu[0-9]+$)' --include='?name(^libssl3)' \
    --include=ca-certificates,tzdata,libstdc++6,zlib1g \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
    --dpkgopt='path-exclude=/usr/share/locale/*' \
    --customize-hook='chroot "$1" groupadd --gid 1654 app' \
    --customize-hook='chroot "$1" useradd --no-log-init --uid 1654 --gid 1654 --create-home app' \
    --customize-hook='chmod 0700 "$1/home/app"'
  pack "$WORK/deps" "$WORK/deps.tar"
}

make_runtime() {
  local root=$WORK/runtime/usr/share/dotnet version=${RUNTIME_DIR##*/}
  mkdir -p "$root/host/fxr" "$root/shared/Microsoft.NETCore.App" "$WORK/runtime/usr/bin"
  cp -rL "$DOTNET_DIR/dotnet" "$root/"
  cp -rL "$DOTNET_DIR/host/fxr/$version" "$root/host/fxr/"
  cp -rL "$RUNTIME_DIR" "$root/shared/Microsoft.NETCore.App/"
  ln -s /usr/share/dotnet/dotnet "$WORK/runtime/usr/bin/dotnet"
  pack "$WORK/runtime" "$WORK/runtime.tar" --owner=0 --group=0
}

make_aspnet() {
  local shared=$WORK/aspnet/usr/share/dotnet/shared/Microsoft.AspNetCore.App
  mkdir -p "$shared"
  cp -rL "$ASPNET_DIR" "$shared/"
  pack "$WORK/aspnet" "$WORK/aspnet.tar" --owner=0 --group=0
}

# The tools by their names and musl's loader, by which a musl image is known.
make_busybox() {
  local name packages=$WORK/busybox-packages root=$WORK/busybox
  bootstrap "$packages" --variant=extract --include=busybox-static,musl
  mkdir -p "$root"/{bin,lib,etc,tmp}
  chmod 1777 "$root/tmp"
  # Newer releases keep everything below usr.
  [ -e "$packages/bin/busybox" ] || packages=$packages/usr
  cp "$packages/bin/busybox" "$root/bin/"
  cp -rP "$packages"/lib/*musl* "$root/lib/"
  for name in $("$root/bin/busybox" --list); do
    [ -e "$root/bin/$name" ] || ln -s busybox "$root/bin/$name"
  done
  printf 'root:x:0:0:root:/:/bin/sh\n' >"$root/etc/passwd"
  printf 'root:x:0:\n' >"$root/etc/group"
  pack "$root" "$WORK/busybox.tar" --owner=0 --group=0
}

# An image of the other architecture is only ever looked at, never run.
make_other() {
  mkdir -p "$WORK/other/etc"
  printf 'Nothing to run: this image stands for another architecture.\n' >"$WORK/other/etc/issue"
  pack "$WORK/other" "$WORK/other.tar" --owner=0 --group=0
}

# --- images: one OCI layout, one tag for each --------------------------------------------------------

config() {
  local tag=$1
  shift
  umoci config --image "$LAYOUT:$tag" --created "$CREATED" --history.created "$CREATED" \
    --history.created_by "bases.sh $tag" "$@"
}

# new_image TAG ARCHITECTURE CMD
new_image() {
  umoci new --image "$LAYOUT:$1"
  config "$1" --os linux --architecture "$2" --config.cmd "$3" \
    --config.env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
}

add_layer() {
  umoci raw add-layer --image "$LAYOUT:$1" --history.created "$CREATED" --history.created_by "bases.sh $2" "$WORK/$2.tar"
}

make_images() {
  umoci init --layout "$LAYOUT"

  new_image runtime-deps "$ARCH" bash
  add_layer runtime-deps deps
  config runtime-deps --config.env APP_UID=1654 --config.env ASPNETCORE_HTTP_PORTS=8080 --config.env DOTNET_RUNNING_IN_CONTAINER=true

  umoci tag --image "$LAYOUT:runtime-deps" runtime
  add_layer runtime runtime
  config runtime --config.env "DOTNET_VERSION=${RUNTIME_DIR##*/}"

  umoci tag --image "$LAYOUT:runtime" aspnet
  add_layer aspnet aspnet
  config aspnet --config.env "ASPNET_VERSION=${ASPNET_DIR##*/}"

  new_image other "$OTHER_ARCH" sh
  add_layer other other
  config other --config.env APP_UID=1654 --config.env ASPNETCORE_HTTP_PORTS=8080 --config.env DOTNET_RUNNING_IN_CONTAINER=true

  new_image busybox "$ARCH" sh
  add_layer busybox busybox

  umoci gc --layout "$LAYOUT"
  # After gc, which does not look into an index.
  make_index multi amd64 arm64
  make_index arm64only arm64
}

tag_of_arch() { if [ "$1" = "$ARCH" ]; then printf 'aspnet'; else printf 'other'; fi; }

# make_index TAG ARCHITECTURE...
make_index() {
  local tag=$1 index=$WORK/$1.json arch digest
  shift
  for arch in "$@"; do
    jq --arg tag "$(tag_of_arch "$arch")" --arg arch "$arch" '
      .manifests[] | select(.annotations["org.opencontainers.image.ref.name"] == $tag)
      | {mediaType, digest, size,
         platform: ({os: "linux", architecture: $arch} + if $arch == "arm64" then {variant: "v8"} else {} end)}' "$LAYOUT/index.json"
  done | jq --slurp --compact-output --join-output \
    '{schemaVersion: 2, mediaType: "application/vnd.oci.image.index.v1+json", manifests: .}' >"$index"
  digest=$(sha256sum "$index" | cut -d ' ' -f 1)
  cp "$index" "$LAYOUT/blobs/sha256/$digest"
  jq --arg tag "$tag" --arg digest "sha256:$digest" --argjson size "$(stat -c %s "$index")" '
    .manifests += [{mediaType: "application/vnd.oci.image.index.v1+json", digest: $digest, size: $size,
                    annotations: {"org.opencontainers.image.ref.name": $tag}}]' "$LAYOUT/index.json" >"$WORK/index.json"
  cp "$WORK/index.json" "$LAYOUT/index.json"
}

# --- cache -----------------------------------------------------------------------------------------

cache_key() {
  printf '%s %s %s' "$(dotnet --version) ${RUNTIME_DIR##*/}" "$ARCH" "$(cat "$HERE/bases.sh" /etc/os-release)" |
    sha256sum | cut -c 1-16
}

# Made beside the cache and moved in as a whole: what was interrupted is never taken for finished.
make_cached_layout() {
  local tool
  for tool in mmdebstrap umoci jq; do have $tool || fail "$tool is not installed"; done
  can_be_root || fail 'making the base images takes root or a sudo that does not ask for a password'
  mkdir -p "$CACHE_ROOT"
  find "$CACHE_ROOT" -mindepth 1 -maxdepth 1 -mtime "+$DAYS_KEPT" -exec rm -rf {} +
  WORK=$(mktemp -d "$CACHE_ROOT/making.XXXXXX")
  trap 'as_root rm -rf --one-file-system "$WORK"' EXIT
  LAYOUT=$WORK/layout
  say 'making the base images; the next time they come from the cache'
  make_deps
  make_runtime
  make_aspnet
  make_busybox
  make_other
  make_images
  # Somebody else may have been faster; theirs is as good.
  mv -T "$LAYOUT" "$CACHE_ROOT/$KEY" 2>/dev/null || [ -d "$CACHE_ROOT/$KEY" ]
}

# --- pushing ---------------------------------------------------------------------------------------

# push KEY TAG REPOSITORY:TAG SKOPEO_OPTION...: and print the line that says where it is.
push() {
  local key=$1 tag=$2 name=$3
  shift 3
  skopeo --insecure-policy copy --quiet --dest-tls-verify=false "$@" \
    "oci:$LAYOUT:$tag" "docker://$CONTAINERIZE_TEST_REGISTRY/$name" >&2
  printf 'CONTAINERIZE_TEST_BASE_%s=%s/%s\n' "$key" "$CONTAINERIZE_TEST_REGISTRY" "$name"
}

push_all() {
  push RUNTIME_DEPS runtime-deps dotnet/runtime-deps:$TAG
  push RUNTIME runtime dotnet/runtime:$TAG
  push ASPNET aspnet dotnet/aspnet:$TAG
  push RUNTIME_DOCKER runtime docker/runtime:$TAG --format v2s2
  push ASPNET_DOCKER aspnet docker/aspnet:$TAG --format v2s2
  push ASPNET_MULTI multi multi/aspnet:$TAG --all
  push ASPNET_MULTI_DOCKER multi multi-docker/aspnet:$TAG --all --format v2s2
  push ASPNET_ARM64 arm64only arm64only/aspnet:$TAG --all
  push BUSYBOX busybox busybox:1
}

# The newest 10.0 of a shared framework of the installed SDK.
framework_dir() {
  dotnet --list-runtimes | sed -n "s|^$1 \\(10\\.0\\.[^ ]*\\) \\[\\(.*\\)\\]\$|\\2/\\1|p" | sort -V | tail -n 1
}

main() {
  local state_dir=${1:-$DEFAULT_STATE_DIR}
  load_env "$state_dir/testbed.env"
  [ -n "${CONTAINERIZE_TEST_REGISTRY:-}" ] || fail 'there is no registry for the base images'
  have skopeo || fail 'skopeo is not installed'
  have dotnet || fail 'the .NET SDK is not installed'

  ARCH=$(dpkg --print-architecture)
  OTHER_ARCH=arm64
  [ "$ARCH" != arm64 ] || OTHER_ARCH=amd64
  RUNTIME_DIR=$(framework_dir Microsoft.NETCore.App)
  ASPNET_DIR=$(framework_dir Microsoft.AspNetCore.App)
  if [ -z "$RUNTIME_DIR" ] || [ -z "$ASPNET_DIR" ]; then
    fail 'the installed .NET SDK has no .NET 10.0 and ASP.NET Core 10.0 runtimes'
  fi
  DOTNET_DIR=$(dirname "$(dirname "$(dirname "$RUNTIME_DIR")")")

  KEY=$(cache_key)
  [ -d "$CACHE_ROOT/$KEY" ] || make_cached_layout
  touch "$CACHE_ROOT/$KEY"
  LAYOUT=$CACHE_ROOT/$KEY
  push_all
}

main "$@"
