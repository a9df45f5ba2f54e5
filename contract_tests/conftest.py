"""Makes `pytest contract_tests` and `trackfox-mock verify` the same thing."""

pytest_plugins = ("contract_tests.plugin",)
