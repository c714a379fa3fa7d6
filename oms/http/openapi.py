"""The API's own description: OpenAPI with what all operations share, and a page to read it."""

import re
from collections.abc import Iterator
from html import escape
from typing import Any, Final

import msgspec
from litestar import Litestar
from litestar.openapi import OpenAPIConfig
from litestar.openapi.spec import Components, SecurityScheme
from litestar.serialization import encode_json, get_serializer

import oms
from oms.http.guards import may
from oms.http.idempotent import HEADER, KEY_LENGTH_MAX
from oms.http.problems import MEDIA_TYPE

PATH: Final = "/api/v1"
_WRITES: Final = ("post", "put", "patch", "delete")
_SECURITY: Final = "apiKey"
_TEXT: Final = {"type": "string"}
# `Page_oms.http.orders.OrderView_` is named `OrderViewPage`.
_GENERIC: Final = re.compile(r"\b([A-Z]\w*?)_(?:\w+\.)+(\w+)_(?=\")")

_PROBLEM: Final = {
    "type": "object",
    "description": "RFC 9457: what went wrong, and what to do.",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {**_TEXT, "description": "A stable code such as order.not_found"},
        "title": _TEXT,
        "status": {"type": "integer"},
        "detail": _TEXT,
        "instance": _TEXT,
        "remedy": {**_TEXT, "description": "What to do now"},
        "fields": {
            "type": "object",
            "additionalProperties": _TEXT,
            "description": "A place in the request (JSON pointer or parameter) → what is wrong",
        },
        "requestId": _TEXT,
    },
}
_KEY: Final = {
    "name": HEADER,
    "in": "header",
    "required": False,
    "description": (
        "A new UUID for each new request. Repeated with the same key, a request is answered as "
        "the first time and marked with `Idempotency-Replayed: true`; with another body it is "
        "refused (409)."
    ),
    "schema": {"type": "string", "minLength": 1, "maxLength": KEY_LENGTH_MAX},
}


def config(title: str) -> OpenAPIConfig:
    """What Litestar needs to describe an application."""
    return OpenAPIConfig(
        title=title,
        version=oms.__version__,
        use_handler_docstrings=True,
        components=Components(
            security_schemes={_SECURITY: SecurityScheme(type="http", scheme="bearer")}
        ),
    )


def document(app: Litestar) -> dict[str, Any]:
    """The OpenAPI document of an application that has a `config`, complete."""
    schema = _completed(app, app.openapi_schema.to_schema())
    text = encode_json(schema, serializer=get_serializer()).decode()
    plain: dict[str, Any] = msgspec.json.decode(_GENERIC.sub(r"\2\1", text))
    return plain


def page(schema: dict[str, Any]) -> str:
    """The document as one page for people, without any script or foreign asset."""
    title = escape(schema["info"]["title"])
    rows = "".join(_row(*each) for each in _operations(schema))
    return (
        f"<!doctype html><html lang=en><meta charset=utf-8><title>{title}: API</title>"
        "<meta name=viewport content='width=device-width'><style>"
        "body{font:16px/1.5 system-ui;margin:2rem auto;max-width:60rem;padding:0 1rem}"
        "code{font:14px ui-monospace,monospace}summary{cursor:pointer;padding:.4rem 0}"
        "details{border-bottom:1px solid #ddd}b{display:inline-block;width:4.5rem}</style>"
        f"<h1>{title}: API</h1><p>Version {escape(schema['info']['version'])}. "
        f"The whole of it for programs: <a href='{PATH}/openapi.json'>openapi.json</a>. "
        f"Send <code>Authorization: Bearer oms_…</code>.</p>{rows}</html>"
    )


def _completed(app: Litestar, schema: dict[str, Any]) -> dict[str, Any]:
    schema["components"].setdefault("schemas", {})["Problem"] = _PROBLEM
    guarded = _permissions(app)
    problem = {
        "description": "A problem",
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    for path, method, operation in _operations(schema):
        # Every refusal looks the same, so one entry says more than a list that is never complete.
        operation["responses"].pop("400", None)
        operation["responses"]["default"] = problem
        words = operation.get("description", "")
        if words:
            operation["summary"] = words.partition("\n")[0].partition(": ")[0].rstrip(".")
        permission = guarded.get((path, method))
        if permission:
            operation["security"] = [{_SECURITY: []}]
            operation["description"] = f"{words}\n\nPermission: `{permission}`.".strip()
        if permission and method in _WRITES and _KEY not in operation.get("parameters", []):
            operation.setdefault("parameters", []).append(_KEY)
    return schema


def _operations(schema: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in sorted(schema["paths"].items()):
        for method in ("get", *_WRITES):
            if method in item:
                yield path, method, item[method]


def _permissions(app: Litestar) -> dict[tuple[str, str], str]:
    """(path, method) → the permission its guard asks for."""
    return {
        (route.path_format, method.lower()): guard.permission
        for route in app.routes
        for handler in getattr(route, "route_handlers", ())
        for method in getattr(handler, "http_methods", ())
        for guard in handler.resolve_guards()
        if isinstance(guard, may)
    }


def _row(path: str, method: str, operation: dict[str, Any]) -> str:
    words = escape(operation.get("description", "")).replace("\n\n", "<br>")
    parameters = "".join(
        f"<li><code>{escape(each['name'])}</code> in {each['in']}: "
        f"{escape(each.get('description', ''))}"
        for each in operation.get("parameters", [])
    )
    body = operation.get("requestBody", {}).get("content", {})
    names = [media["schema"].get("$ref", "").rpartition("/")[2] for media in body.values()]
    sends = "".join(f"<p>Sends <code>{escape(name)}</code>" for name in names if name)
    return (
        f"<details><summary><b>{method.upper()}</b> <code>{escape(path)}</code> "
        f"{escape(operation.get('summary', ''))}</summary>"
        f"<p>{words}</p><ul>{parameters}</ul>{sends}</details>"
    )
