"""A pytest item for each scenario: `pytest --submission PATH --lab LAB`.

Without a submission to judge, the plugin adds no option and no hook, and imports nothing: all of
them are in `items`, which is registered only if it is needed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest


def pytest_addoption(parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager) -> None:
    from conformance.pytest_plugin.guard import judges

    config: pytest.Config | None = pluginmanager.get_plugin("pytestconfig")
    arguments = config.invocation_params.args if config else ()
    if judges(arguments):
        import conformance.pytest_plugin.items as items

        pluginmanager.register(items, "conformance-items")  # it adds the options
    elif "--help" in arguments or "-h" in arguments:
        from conformance.pytest_plugin import options

        options.add(parser)
