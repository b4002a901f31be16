#!/usr/bin/env bash
# VPL's button Run: the report in the student's terminal, without a grade.
[ ! -f vpl_environment.sh ] || . ./vpl_environment.sh
. ./conformance_settings.sh
. ./conformance_submission.sh
{
    echo '#!/bin/bash'
    for name in LAB TIER OPTIONS WITHIN CONFORMANCE; do printf '%s=%q\n' "$name" "${!name}"; done
    cat <<'EXECUTION'
# shellcheck disable=SC2086  # of the options there may be several
timeout --signal=TERM --kill-after=30 "$WITHIN" "$CONFORMANCE" check submission \
    --lab "$LAB" --require-tier "$TIER" --feedback feedback.toml $OPTIONS
EXECUTION
} >vpl_execution
chmod +x vpl_execution
