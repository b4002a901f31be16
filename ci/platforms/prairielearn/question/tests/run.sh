#!/usr/bin/env bash
# PrairieLearn runs this in the grader's container, and reads results/results.json when it has ended.
set -u
root=${GRADE_ROOT:-/grade}
: "${LAB:=echo}" "${TIER:=none}" "${OPTIONS:=}"
: "${WITHIN:=540}"  # seconds: below the `timeout` of info.json
: "${CONFORMANCE:=/opt/conformance/.venv/bin/conformance}"
results=$root/results/results.json
mkdir -p "$root/results"
rm -f "$results"

# shellcheck disable=SC2086  # of the options there may be several
timeout --signal=TERM --kill-after=30 "$WITHIN" "$CONFORMANCE" check "$root/student" \
    --lab "$LAB" --require-tier "$TIER" --prairielearn "$results" \
    --feedback "$root/tests/feedback.toml" $OPTIONS
status=$?

# Whatever ended the suite: what was not judged costs neither points nor an attempt.
if [ ! -s "$results" ]; then
    told="This was not judged, which is no fault of yours: the suite ended with status $status."
    printf '{"gradable": false, "format_errors": ["%s"]}\n' "$told" >"$results"
fi
exit 0
