"""Python: how a project is started, which modules it wants, what a later version has."""
