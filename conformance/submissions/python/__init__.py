"""Python: how a project is started, which modules it needs, what other versions have."""
