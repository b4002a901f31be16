#!/usr/bin/env bash
# Installs what the suite needs on Debian or Ubuntu: of the system's packages those that are
# missing, where we may (as root, or by sudo without a password), then a virtual environment
# in .venv. Safe to run again.
#
#   ci/provision.sh            what checking submissions needs
#   ci/provision.sh --python   only what checking submissions in Python needs: the quick part
#   ci/provision.sh --tests    also what the suite's own tests need
#
# What cannot be installed is named and left out; `conformance doctor` says what that costs.
set -euo pipefail
cd "$(dirname "$0")/.."

part=${1:-}
say() { printf '%s\n' "provision: $*"; }
case $part in
    "" | --python | --tests) ;;
    *) say "there is no $part"; exit 2 ;;
esac

has() { command -v "$1" >/dev/null; }
# Without the C library's headers a compiler compiles nothing.
has_headers() { has gcc && gcc -E -include stdio.h -x c /dev/null >/dev/null 2>&1; }
has_venv() { /usr/bin/python3 -c 'import ensurepip' 2>/dev/null; }
has_nginx() { has nginx || [ -x /usr/sbin/nginx ]; }
has_pip() { /usr/bin/python3 -c 'import pip' 2>/dev/null; }

# Each with its package, and whether it is there. Only what is missing is installed: a Node from
# elsewhere has its own npm, and apt would add a second one.
needed=(
    "python3-venv python3-venv has_venv"
    "bwrap bubblewrap has bwrap"
)
[ "$part" = --python ] || needed+=(
    "javac default-jdk-headless has javac"
    "mvn maven has mvn"
    "node nodejs has node"
    "npm npm has npm"
    "gcc gcc has gcc"
    "libc6-dev libc6-dev has_headers"
    "c++ g++ has c++"
    "make make has make"
    "nc netcat-openbsd has nc"
    "telnet telnet has telnet"
    "nginx nginx has_nginx"
)
[ "$part" != --tests ] || needed+=(
    "tshark tshark has tshark"
    "chromium chromium has chromium"
    "msgfmt gettext has msgfmt"
    "ip iproute2 has ip"
    "python3-pip python3-pip has_pip"
)

missing() {  # the names of what is missing, or with `packages` those of what brings it
    local name package check
    for line in "${needed[@]}"; do
        read -r name package check <<<"$line"
        $check || if [ "${1:-}" = packages ]; then echo "$package"; else echo "$name"; fi
    done | tr '\n' ' '
}

# Reports every five seconds how far apt or pip has got; LOG has all its output.
shown() {  # LOG
    local began=$SECONDS told=$SECONDS fetched=0 unpacked=0 set_up=0 line='' status doing='under way'
    while true; do
        status=0
        IFS= read -r -t 5 line || status=$?
        [ "$status" = 0 ] || [ "$status" -gt 128 ] || break  # else nothing came for 5 s
        [ -z "$line" ] || printf '%s\n' "$line" >>"$1"
        case $line in
            *" newly installed, "* | "Need to get "*) say "apt: $line" ;;
            Get:*) fetched=$((fetched + 1)) ;;
            "Unpacking "*) unpacked=$((unpacked + 1)) ;;
            "Setting up "*) set_up=$((set_up + 1)) ;;
            Collecting* | Installing*) doing=${line%%:*} ;;
        esac
        [ $((fetched + set_up)) = 0 ] ||
            doing="fetched $fetched, unpacked $unpacked, set up $set_up"
        if [ $((SECONDS - told)) -ge 5 ]; then
            told=$SECONDS
            say "$((SECONDS - began)) s · $doing"
        fi
    done
}

watched() {  # COMMAND…: runs it with its progress shown, and where it fails, its last words
    local log status=0
    log=$(mktemp)
    "$@" 2>&1 </dev/null | shown "$log" || status=1
    [ "$status" = 0 ] || tail -n 20 "$log" >&2
    rm -f "$log"
    return "$status"
}

install_packages() {  # NAME…
    local run=() fresh
    if [ "$(id -u)" != 0 ]; then
        if ! has sudo; then
            say "not root; to install them, as root: apt-get install $*"
            return 0
        elif ! sudo -n true 2>/dev/null; then
            say "not root, and sudo asks for a password; to install them: sudo apt-get install $*"
            return 0
        fi
        run=(sudo -n)
    fi
    run+=(env DEBIAN_FRONTEND=noninteractive LC_ALL=C)
    fresh=$(find /var/lib/apt/lists -maxdepth 1 -name '*_Packages*' -mmin -60 2>/dev/null || true)
    [ -n "$fresh" ] || watched "${run[@]}" apt-get update -q || say "apt has no news of its packages"
    # One at a time if all together fail: a package that a distribution lacks must not
    # keep out the others.
    local install=("${run[@]}" apt-get install -y -q --no-install-recommends -o Dpkg::Use-Pty=0)
    watched "${install[@]}" "$@" || for package in "$@"; do
        watched "${install[@]}" "$package" || say "apt cannot install $package here: going without it"
    done
    # The suite starts an nginx of its own; the service that comes with it would hold port 80.
    case " $* " in
        *" nginx "*) "${run[@]}" systemctl disable --now nginx >/dev/null 2>&1 || true ;;
    esac
}

lacks=$(missing)
if [ -n "$lacks" ]; then
    say "missing: $lacks"
    if has apt-get; then
        read -ra packages <<<"$(missing packages)"
        install_packages "${packages[@]}"
    else
        say "this is not Debian or Ubuntu: install them by your own package manager"
    fi
    still=$(missing)
    if [ -n "$still" ]; then
        say "going without: $still"
        # In CI a test that is skipped unnoticed is worse than one that fails.
        [ -z "${CI:-}" ] || [ "$part" != --tests ] || exit 1
    fi
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

# Two stamps, because checking submissions does not need the tests' packages.
stamp=.venv/installed
[ "$part" != --tests ] || stamp=.venv/installed-tests
lock=ci/requirements.txt
if [ ! -e "$stamp" ] || [ "$lock" -nt "$stamp" ] || [ pyproject.toml -nt "$stamp" ]; then
    say "Python packages, into .venv"
    [ -x .venv/bin/python ] || watched "$python" -m venv .venv
    pip=(.venv/bin/python -m pip --disable-pip-version-check install --progress-bar off)
    # To check submissions only: the part of the lock that this needs, and that builds the suite.
    if [ "$part" = --tests ]; then
        watched "${pip[@]}" --requirement "$lock"
        # It holds the schema of CTRF, which no package of Python does.
        ! has npm || watched npm install --no-audit --no-fund --prefix .venv/ctrf ctrf@0.3.0
    else
        watched "${pip[@]}" --constraint "$lock" hatchling editables
    fi
    watched "${pip[@]}" --constraint "$lock" --no-build-isolation --editable '.[pytest,search]'
    touch "$stamp"
fi
say "ready: $(.venv/bin/conformance --version)"
