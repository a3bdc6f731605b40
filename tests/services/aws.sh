#!/bin/sh
# Runs aws.py with a Python that has the package tocsin, where what it needs is
# there; says so where it is not.
#
#   tests/services/aws.sh [--install] PYTHON
#
# --install: fetches boto3, moto's server and Lambda's runtime client from the
# package index into PYTHON's environment first. Lambda's emulator, too, if Go
# is here, into that environment.
set -eu

here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
install=
if [ "$1" = --install ]; then
  install=1
  shift
fi
python=$1
bin=$(dirname -- "$python")

if [ -n "$install" ]; then
  "$python" -m pip install -q boto3 'moto[server]' awslambdaric
  if command -v go >/dev/null 2>&1 && [ ! -x "$bin/aws-lambda-rie" ]; then
    GOBIN=$bin go install \
      github.com/aws/aws-lambda-runtime-interface-emulator/cmd/aws-lambda-rie@latest
  fi
fi

if ! "$python" -c 'import boto3, moto.server, awslambdaric, tocsin' 2>/dev/null
then
  echo "SKIPPED: tocsin.aws against moto (tests/services/aws.sh --install" \
       "$python fetches what it needs)"
  exit 0
fi
if [ -x "$bin/aws-lambda-rie" ]; then
  export TOCSIN_LAMBDA_EMULATOR="$bin/aws-lambda-rie"
fi
timeout 300 "$python" "$here/aws.py"
