#!/usr/bin/env bash
# Gradescope runs this once, as root, when it builds the autograder's image.
set -euo pipefail
. "$(dirname "$0")/settings.sh"
python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
    echo "the image has no Python 3.11 or later: choose a newer Ubuntu, or an image of your own" >&2
    exit 1
}
command -v git >/dev/null || { apt-get update -q; apt-get install -y -q git; }
git clone --quiet --depth 1 --branch "$REF" "$SUITE" /opt/conformance
/opt/conformance/ci/provision.sh
