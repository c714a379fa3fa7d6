#!/usr/bin/env bash
# Writes requirements*.txt: exact versions with hashes, for every platform, naming no place to get
# them from, so that they install from whatever the machine's own configuration says.
# Arguments go to uv: `tools/lock.sh --upgrade` takes the newest fitting versions.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
venv=${VENV:-.venv}

lock() { # lock FILE ARGUMENTS...
    local file=$1
    shift
    UV_CUSTOM_COMPILE_COMMAND="make lock" "$venv/bin/uv" pip compile --quiet --universal \
        --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --no-annotate \
        "$@" --output-file "$file"
    echo "$file: $(grep -c '^[a-z]' "$file") packages"
}

lock requirements.txt pyproject.toml --group build "$@"
lock requirements-extras.txt pyproject.toml --group build --all-extras --constraint requirements.txt "$@"
lock requirements-dev.txt pyproject.toml --group dev --constraint requirements.txt "$@"
lock requirements-bootstrap.txt --group bootstrap --constraint requirements-dev.txt "$@"
lock requirements-node.txt --group node "$@"
