#!/usr/bin/env bash
# Installs the programs that the tests start or ask for a verdict, where that can be done: as root on
# a system with apt. Elsewhere it says what will not be run and how to get it, and does not fail.
# The tests start PostgreSQL and Redis themselves, on free ports, and stop them afterwards.
set -euo pipefail

wanted=() # Debian packages

need() { # need PACKAGE WHAT_FOR PROGRAM...
    local package=$1 purpose=$2 program
    shift 2
    for program in "$@"; do
        command -v "$program" >/dev/null 2>&1 && return
        compgen -G "/usr/lib/postgresql/*/bin/$program" >/dev/null && return
    done
    wanted+=("$package")
    reasons+="    $package: $purpose"$'\n'
}

reasons=""
need postgresql "every database test a second time, on PostgreSQL" postgres
need redis-server "the worker and its queue" redis-server valkey-server
need hledger "the books, judged by hledger" hledger
need poppler-utils "labels and invoices, looked at as pictures" pdftoppm
need chromium "the pages, in a real browser" chromium chromium-browser google-chrome
need zbar-tools "barcodes on labels, read back" zbarimg
[ ${#wanted[@]} -gt 0 ] || exit 0

if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null 2>&1; then
    printf 'Not installed, so these tests will be skipped:\n%s' "$reasons" >&2
    printf 'To run them, as root: apt-get install %s\n' "${wanted[*]}" >&2
    exit 0
fi

echo "Installing for the tests: ${wanted[*]}"
export DEBIAN_FRONTEND=noninteractive
if ! { apt-get update -qq && apt-get install -y -qq --no-install-recommends "${wanted[@]}"; } >/tmp/oms-apt.$$ 2>&1; then
    tail -n 5 /tmp/oms-apt.$$ >&2
    printf 'apt-get could not install them, so these tests will be skipped:\n%s' "$reasons" >&2
fi
rm -f /tmp/oms-apt.$$
