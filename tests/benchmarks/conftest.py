"""The plain suites are what the benchmarks compare with: no tests of this project."""

collect_ignore = ["plain", "plain_web"]
