"""Makes `pytest contract_tests` and `trackfox-mock verify` the same thing."""

pytest_plugins = ("trackfox_contract.suite.plugin",)
