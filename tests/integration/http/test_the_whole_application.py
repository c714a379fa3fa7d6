"""The application as it is put together: every page and call is guarded or meant for everybody."""

from config.settings import load
from oms.http.app import PUBLIC, application, unguarded
from oms.web import routes


def test_only_what_is_meant_for_everybody_has_no_guard() -> None:
    app = application(load(environment={}), pages=routes.pages())

    assert set(unguarded(app)) == PUBLIC | routes.PUBLIC
