#!/usr/bin/env bash
# Judges the hand-in and prints the report, with the two lines at its end that Autolab reads.
set -u
here=$(cd "$(dirname "$0")" && pwd)
. "$here/settings.sh"
report=$(mktemp)
trap 'rm -f "$report"' EXIT

# What the suite prints itself is not shown, nor what the shell says of a process that was killed:
# the last lines have to be the report's.
# shellcheck disable=SC2086  # of the options there may be several
{
    timeout --signal=TERM --kill-after=30 "$WITHIN" "$CONFORMANCE" check "$HANDIN" \
        --lab "$LAB" --require-tier "$TIER" --autolab "$report" \
        --feedback "$here/feedback.toml" $OPTIONS
} >/dev/null 2>&1
status=$?

# Autolab makes a zero of an output whose last line has no score; of null it makes none.
if [ ! -s "$report" ]; then
    echo "This was not judged, which is no fault of yours: the suite ended with status $status."
    printf '{"_presentation": "semantic", "stages": []}\n{"scores": {"%s": null}}\n' "${LAB^}"
    exit 0
fi
cat "$report"
