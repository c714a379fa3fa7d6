"""What every test may ask for. The servers and databases come from `tests.services`."""

pytest_plugins = ["tests.services.plugin"]
