#!/bin/sh
# Installs with apt-get what building, testing and checking need, and the packages named on the command line; is quiet and
# instant when all of it is there.
set -eu
export DEBIAN_FRONTEND=noninteractive

packages="g++ cmake ninja-build make pkg-config help2man clang-format clang-tidy
  libcli11-dev libfmt-dev libspdlog-dev libeigen3-dev catch2
  zlib1g-dev libzstd-dev liblzma-dev libbz2-dev nlohmann-json3-dev libhwy-dev libutf8proc-dev libstemmer-dev libxxhash-dev libmicrohttpd-dev
  python3 python3-numpy python3-scipy zstd xz-utils bzip2 unzip $*"

if ! command -v dpkg-query > /dev/null || ! command -v apt-get > /dev/null; then
  echo "setup: this is no Debian; needed are:" $packages >&2
  exit 0
fi

installed=$(dpkg-query -W -f='${db:Status-Status} ${Package}\n' $packages 2> /dev/null | sed -n 's/^installed //p')
missing=
for package in $packages; do
  echo "$installed" | grep -qxF "$package" || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

as_root=
if [ "$(id -u)" -ne 0 ]; then as_root="sudo -n -E"; fi
echo "setup: installing$missing" >&2
log=$(mktemp)
trap 'rm -f "$log"' EXIT
apt_get() {
  $as_root apt-get -q -y -o DPkg::Lock::Timeout=300 "$@" < /dev/null > "$log" 2>&1
}
if ! { apt_get update && apt_get install --no-install-recommends $missing; }; then
  cat "$log" >&2
  echo "setup: could not install:$missing" >&2
  exit 1
fi
