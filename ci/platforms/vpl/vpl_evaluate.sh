#!/usr/bin/env bash
# VPL runs this first; then vpl_execution, of whose output it reads `Comment :=>>` and `Grade :=>>`.
[ ! -f vpl_environment.sh ] || . ./vpl_environment.sh
. ./conformance_settings.sh
. ./conformance_submission.sh
{
    echo '#!/bin/bash'
    echo "export VPL_GRADEMAX='${VPL_GRADEMAX:-}'"
    for name in LAB TIER OPTIONS WITHIN CONFORMANCE; do printf '%s=%q\n' "$name" "${!name}"; done
    cat <<'EXECUTION'
# What the suite prints itself is not shown: every line has to be one of the report's.
report=$(mktemp)  # not beside the hand-in, which may hold a report of its own
trap 'rm -f "$report"' EXIT
# In braces, so that nothing is shown of what the shell says of a process that was killed.
# shellcheck disable=SC2086  # of the options there may be several
{
    timeout --signal=TERM --kill-after=30 "$WITHIN" "$CONFORMANCE" check submission \
        --lab "$LAB" --require-tier "$TIER" --vpl "$report" --feedback feedback.toml $OPTIONS
} >/dev/null 2>&1
status=$?
if [ -s "$report" ]; then
    cat "$report"
else  # without a grade, VPL leaves the hand-in without one
    echo "Comment :=>>This was not judged, which is no fault of yours: the suite ended with status $status."
fi
EXECUTION
} >vpl_execution
chmod +x vpl_execution
