#!/usr/bin/env bash
# Installs what the suite needs on Debian or Ubuntu: system packages where we may (as root,
# or by sudo without a password), then a virtual environment in .venv. Safe to run again.
#
#   ci/provision.sh          what checking submissions needs
#   ci/provision.sh --tests  also what the suite's own tests need
#
# What cannot be installed is named, and gone without; `conformance doctor` tells the rest.
set -euo pipefail
cd "$(dirname "$0")/.."

packages=(python3-venv bubblewrap default-jdk-headless maven nodejs npm gcc libc6-dev make
          netcat-openbsd telnet)
programs=(bwrap javac mvn node npm gcc make nc telnet)
if [ "${1:-}" = --tests ]; then
    packages+=(tshark)
    programs+=(tshark)
fi

say() { printf '%s\n' "provision: $*"; }

missing() {
    for program in "${programs[@]}"; do
        command -v "$program" >/dev/null || printf '%s ' "$program"
    done
    /usr/bin/python3 -c 'import ensurepip' 2>/dev/null || printf 'python3-venv '
}

install_packages() {
    local run=()
    if [ "$(id -u)" != 0 ]; then
        if ! sudo -n true 2>/dev/null; then
            say "not root, and sudo asks for a password: going without $(missing)"
            say "to install them: sudo apt-get install ${packages[*]}"
            return 0
        fi
        run=(sudo -n)
    fi
    export DEBIAN_FRONTEND=noninteractive
    "${run[@]}" apt-get update -qq
    # One at a time where all together fail: one name that a distribution lacks must
    # not keep the others out.
    "${run[@]}" apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null ||
        for package in "${packages[@]}"; do
            "${run[@]}" apt-get install -y -qq --no-install-recommends "$package" >/dev/null ||
                say "apt has no $package here: going without it"
        done
}

if [ -n "$(missing)" ]; then
    say "missing: $(missing)"
    if command -v apt-get >/dev/null; then
        install_packages
    else
        say "this is not Debian or Ubuntu: install them by your own package manager"
    fi
fi

still=$(missing)
if [ -n "$still" ]; then
    say "going without: $still"
    # In CI a test that is left out unseen is worse than one that fails.
    [ -z "${CI:-}" ] || [ "${1:-}" != --tests ] || exit 1
fi

# The system's Python first: an ordinary user can read it, wherever root has put another.
for python in /usr/bin/python3 python3; do
    if "$python" -c 'import sys, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        break
    fi
    python=
done
if [ -z "$python" ]; then
    say "the suite needs Python 3.11 or later, with its venv module (python3-venv)"
    exit 1
fi

[ -x .venv/bin/python ] || "$python" -m venv .venv
stamp=.venv/installed
if [ ! -e "$stamp" ] || [ ci/requirements.txt -nt "$stamp" ] || [ pyproject.toml -nt "$stamp" ]; then
    .venv/bin/python -m pip install --quiet --disable-pip-version-check \
        --requirement ci/requirements.txt
    .venv/bin/python -m pip install --quiet --disable-pip-version-check \
        --no-deps --no-build-isolation --editable .
    touch "$stamp"
fi
say "ready: $(.venv/bin/conformance --version)"
