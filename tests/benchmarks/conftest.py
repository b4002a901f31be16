"""The plain suite is what the benchmarks compare with: no test of this project."""

collect_ignore = ["plain"]
