"""Node: how a package is started, and which libraries it needs."""
