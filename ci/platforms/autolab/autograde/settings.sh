# What is judged, and how. Edit this file; every value may also come from the environment.
: "${LAB:=echo}"              # the lab; the assessment needs a problem of this name: Echo
: "${HANDIN:=handin.zip}"     # the name of the hand-in file, as the assessment has it
: "${TIER:=none}"             # the least isolation: none, network or full
: "${OPTIONS:=}"              # further options of `conformance check`, such as --strict
: "${WITHIN:=540}"            # seconds: below the time-out of the autograder
: "${CONFORMANCE:=/opt/conformance/.venv/bin/conformance}"
