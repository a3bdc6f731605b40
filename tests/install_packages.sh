#!/bin/sh
# Installs the Debian packages of packages.txt that are missing.
#
#   tests/install_packages.sh SECTION...     (build, python, tests)
#
# Asks nothing and reaches for no network where all are there.
set -eu

here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)

wanted=
for section in "$@"; do
  wanted="$wanted $(sed -n "/^\[$section\]\$/,/^\[/{/^[a-z]/p}" \
                        "$here/packages.txt" | tr '\n' ' ')"
done

if ! command -v dpkg-query >/dev/null 2>&1; then
  echo "tocsin: not a Debian system; these must be there: $wanted" >&2
  exit 0
fi

missing=
for package in $wanted; do
  state=$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null || true)
  [ "$state" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" = 0 ]; then
  as_root=
elif command -v sudo >/dev/null 2>&1; then
  as_root=sudo
else
  echo "tocsin: as root or with sudo, run: apt-get install$missing" >&2
  exit 1
fi

echo "tocsin: installing$missing"
export DEBIAN_FRONTEND=noninteractive
$as_root apt-get update -qq
# shellcheck disable=SC2086
$as_root env DEBIAN_FRONTEND=noninteractive \
  apt-get install -qq -y --no-install-recommends $missing >/dev/null
