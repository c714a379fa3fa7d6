#!/usr/bin/env bash
# Makes the virtual environment and puts the locked packages and this project into it.
#
#   tools/install.sh core    what the product needs          (requirements.txt)
#   tools/install.sh dev     that, and what its tests need   (requirements-dev.txt)
#
# VENV names the environment (.venv), PYTHON the interpreter (the first of 3.11 or later found).
# The files that pages load are collected by tools/assets.py. Every package is checked against its hash. uv does it in seconds; where uv cannot be had or
# cannot reach the packages, pip does the same more slowly.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

kind=${1:?say core or dev}
venv=${VENV:-.venv}
case $kind in
    core) lock=requirements.txt ;;
    dev) lock=requirements-dev.txt ;;
    *) echo "tools/install.sh: '$kind' is neither core nor dev." >&2; exit 2 ;;
esac

is_new_enough() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

find_python() {
    local name
    for name in ${PYTHON:-} python3.11 python3 python3.12 python3.13; do
        if is_new_enough "$name"; then echo "$name"; return; fi
    done
    echo "No Python 3.11 or later was found. Install one, or name it: make PYTHON=/path/to/python3.11" >&2
    exit 1
}

make_environment() {
    if is_new_enough "$venv/bin/python" && "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
        return
    fi
    local python
    python=$(find_python)
    echo "Making $venv with $("$python" --version)"
    if ! "$python" -m venv "$venv"; then
        echo "$python cannot make virtual environments. On Debian and Ubuntu: apt-get install python3-venv" >&2
        exit 1
    fi
}

pip_install() {
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-input "$@"
}

install_with_uv() {
    [ -x "$venv/bin/uv" ] || pip_install --require-hashes -r requirements-bootstrap.txt || return 1
    "$venv/bin/uv" pip install --quiet --python "$venv/bin/python" --require-hashes -r "$lock" &&
        "$venv/bin/uv" pip install --quiet --python "$venv/bin/python" --no-deps --no-build-isolation -e .
}

install_with_pip() {
    pip_install --no-compile --require-hashes -r "$lock" &&
        pip_install --no-deps --no-build-isolation -e .
}

make_environment
echo "Installing $lock"
if [ -n "${NO_UV:-}" ] || ! install_with_uv; then
    [ -n "${NO_UV:-}" ] || echo "uv could not install it: falling back to pip, which takes about a minute."
    install_with_pip
fi
collect_assets() {
    if ! command -v npm >/dev/null 2>&1 && [ ! -x "$venv/bin/npm" ]; then
        echo "No npm here: taking the one from requirements-node.txt"
        { [ -z "${NO_UV:-}" ] && "$venv/bin/uv" pip install --quiet --python "$venv/bin/python" --require-hashes -r requirements-node.txt; } ||
            pip_install --require-hashes -r requirements-node.txt
    fi
    case $kind in dev) "$venv/bin/python" -m tools.assets --dev ;; *) "$venv/bin/python" -m tools.assets ;; esac
}

echo "Collecting the pages' fonts, icons and scripts"
collect_assets
touch "$venv/.installed-core"
[ "$kind" = core ] || touch "$venv/.installed-dev"
