# What is judged, and how. Edit this file; every value may also come from the environment.
: "${LAB:=echo}"              # the lab, or a variant of it
: "${TIER:=none}"             # the least isolation: none, network or full
: "${OPTIONS:=}"              # further options of `conformance check`, such as --strict
: "${WITHIN:=240}"            # seconds: below the maximum execution time of the activity
: "${CONFORMANCE:=/opt/conformance/.venv/bin/conformance}"
