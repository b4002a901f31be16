# What is judged, and how. Edit this file; every value may also come from the environment.
: "${LAB:=echo}"              # the lab, or a variant of it
: "${TIER:=none}"             # the least isolation: none, network or full (see the README)
: "${OPTIONS:=}"              # further options of `conformance check`, such as --strict
: "${WITHIN:=540}"            # seconds: below the time-out of the autograder's container
: "${SUITE:=https://gitlab.example.org/my-course/conformance.git}"
: "${REF:=main}"              # a branch or a tag of it
: "${CONFORMANCE:=/opt/conformance/.venv/bin/conformance}"
