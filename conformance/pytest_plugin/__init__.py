"""One pytest item a scenario: `pytest --submission PATH --lab LAB`.

Where no submission is to be judged the plugin adds no option and no hook, and imports
nothing: everything stands in `items`, which is registered only where there is one.
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

        pluginmanager.register(items, "conformance-items")  # brings the options along
    elif "--help" in arguments or "-h" in arguments:
        from conformance.pytest_plugin import options

        options.add(parser)
