#!/usr/bin/env bash
# Judges ./submission, and adds `result=` to $GITHUB_OUTPUT, which the reporter reads in its next
# step. Status 0: all was judged; else the job fails, and nothing is reported.
set -u
here=$(cd "$(dirname "$0")" && pwd)
suite=$(cd "$here/../../.." && pwd)
: "${LAB:?the lab is missing}" "${GITHUB_OUTPUT:?this is no step of a workflow}"
: "${TIER:=full}" "${OPTIONS:=}"

if [ -z "${CONFORMANCE:-}" ]; then
    # Ubuntu 24.04 forbids user namespaces to programs without an AppArmor profile.
    restriction=kernel/apparmor_restrict_unprivileged_userns
    if [ -e "/proc/sys/$restriction" ]; then sudo sysctl -w "$restriction=0"; fi
    "$suite/ci/provision.sh" || exit 3
    CONFORMANCE=$suite/.venv/bin/conformance
fi

# shellcheck disable=SC2086  # of the options there may be several
"$CONFORMANCE" check submission --lab "$LAB" --require-tier "$TIER" --fetch-dependencies \
    --github-classroom "$GITHUB_OUTPUT" --feedback "$here/feedback.toml" $OPTIONS
status=$?
# 1 says that points were lost, which the reporter tells.
case $status in
    0 | 1) exit 0 ;;
    *) exit 3 ;;
esac
