"""Who is let in over HTTP, and how far."""

import httpx
import pytest
from litestar import Litestar

from oms.http.app import PUBLIC, application, unguarded
from oms.platform.security import keys
from oms.platform.security.callers import Reach
from oms.platform.security.keys import RevokeKey
from tests.integration.http.conftest import Site


def test_without_a_key_only_what_is_for_everybody_is_there(site: Site) -> None:
    nobody = site.client()

    for path in sorted(PUBLIC):
        assert nobody.get(path).status_code == 200, path
    refused = nobody.get("/api/v1/keys")
    assert refused.status_code == 401
    assert refused.headers["www-authenticate"] == "Bearer"
    assert refused.json()["type"] == "access.no_key"


@pytest.mark.parametrize("header", ["Bearer oms_no_no", "Bearer", "Basic YTpi", "oms_no_no", ""])
def test_what_is_no_key_is_refused(site: Site, header: str) -> None:
    answer = site.client().get("/api/v1/keys", headers={"Authorization": header})

    assert answer.status_code == 401


def test_a_key_may_do_what_its_roles_may(site: Site) -> None:
    picker = site.client("floor")

    assert picker.get("/said/chn_1").status_code == 200
    refused = picker.post("/say", json={"words": "hello"})
    assert refused.status_code == 403
    assert "orders:write" in refused.json()["detail"]


def test_a_key_reaches_only_its_channels(site: Site) -> None:
    limited = site.client("integration", reach=Reach(channels=("chn_1",)))

    assert limited.get("/said/chn_1").status_code == 200
    assert limited.get("/said/chn_2").status_code == 404
    assert limited.get("/api/v1/events").status_code == 403


def test_a_revoked_key_is_refused(site: Site, client: httpx.Client) -> None:
    guest = site.client("floor")
    assert guest.get("/said/chn_1").status_code == 200
    (_, guests) = client.get("/api/v1/keys").json()

    assert client.delete(f"/api/v1/keys/{guests['id']}").status_code == 204
    assert guest.get("/said/chn_1").status_code == 401
    (_, revoked) = client.get("/api/v1/keys").json()
    assert revoked["revokedAt"] is not None


def test_a_key_can_be_issued_over_http_and_its_token_is_shown_once(
    site: Site, client: httpx.Client
) -> None:
    body = {"name": "Shop", "roles": ["floor"], "reach": {"nodes": ["nod_1"]}}
    headers = {"Idempotency-Key": "issue-1"}

    first = client.post("/api/v1/keys", json=body, headers=headers).json()
    again = client.post("/api/v1/keys", json=body, headers=headers).json()

    assert again == {"id": first["id"], "token": None}
    shop = site.client()
    shop.headers["Authorization"] = f"Bearer {first['token']}"
    assert shop.get("/said/chn_1").status_code == 200
    shown = client.get("/api/v1/keys").json()[-1]
    assert shown["reach"] == {"channels": None, "nodes": ["nod_1"]}
    assert first["token"] not in client.get("/api/v1/events").text


def test_nobody_gives_more_than_they_have(site: Site) -> None:
    limited = site.client("owner", reach=Reach(channels=("chn_1",)))

    assert limited.post("/api/v1/keys", json={"name": "x", "roles": ["owner"]}).status_code == 403


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({"name": "x", "roles": ["boss"]}, "/roles"),
        ({"name": "x", "roles": []}, "/roles"),
        ({"name": "", "roles": ["floor"]}, "/name"),
    ],
)
def test_a_key_that_makes_no_sense_is_refused(
    client: httpx.Client, body: dict[str, object], place: str
) -> None:
    answer = client.post("/api/v1/keys", json=body)

    assert (answer.status_code, list(answer.json()["fields"])) == (422, [place])


def test_an_id_of_another_kind_is_not_found(client: httpx.Client) -> None:
    assert client.delete("/api/v1/keys/ord_1").json()["type"] == "id.wrong_kind"
    assert client.delete("/api/v1/keys/key_1").json()["type"] == "key.not_found"


def test_every_handler_has_a_guard_or_is_for_everybody(site: Site) -> None:
    app: Litestar = application(site.services.settings)

    assert set(unguarded(app)) == PUBLIC


def test_keys_are_looked_up_once_and_then_remembered(
    site: Site, client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.get("/said/chn_1")
    monkeypatch.setattr(site.services.keyring, "identify", None)

    assert client.post("/say", json={"words": "hello"}).status_code == 201


def test_a_key_revoked_by_another_process_ends_within_seconds(
    site: Site, client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.get("/said/chn_1")
    (key,) = client.get("/api/v1/keys").json()
    with site.services.uow.begin() as tx:
        keys.revoke(tx, [RevokeKey(key["id"])])
    assert client.get("/said/chn_1").status_code == 200

    for token, (caller, _) in list(site.services.keyring._known.items()):
        site.services.keyring._known[token] = (caller, 0.0)  # as after KNOWN_FOR_S

    assert client.get("/said/chn_1").status_code == 401
