"""What every test may ask for. The servers and databases come from `tests.services`."""

from hypothesis import settings

pytest_plugins = ["tests.services.plugin"]

# No deadline: a busy machine is not a bug, and no test here is about time.
settings.register_profile("house", deadline=None, print_blob=True)
settings.load_profile("house")
