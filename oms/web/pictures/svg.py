"""SVG elements as text, everything in them escaped, and the frame every picture has."""

from collections.abc import Iterable

from markupsafe import Markup, escape

Number = int | float
Value = Number | str


def element(name: str, *inside: str, **attributes: Value) -> Markup:
    """An element; `class_` and `stroke_width` are written ``class`` and ``stroke-width``."""
    given = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(_text(value))}"'
        for key, value in attributes.items()
    )
    body = Markup("").join(inside)
    text = f"<{name}{given}>{body}</{name}>" if body else f"<{name}{given}/>"
    return Markup(text)  # noqa: S704 - escaped above


def picture(size: tuple[Number, Number], title: str, shapes: Iterable[str], class_: str) -> Markup:
    """A whole picture: one image with a title for who cannot see it. `size`: width and height."""
    width, height = (_text(max(1, side)) for side in size)
    inside = Markup("").join((element("title", escape(title)), *shapes))
    return Markup(  # noqa: S704 - escaped above
        f'<svg xmlns="http://www.w3.org/2000/svg" class="{escape(class_)}" role="img" '
        f'viewBox="0 0 {width} {height}" aria-label="{escape(title)}">{inside}</svg>'
    )


def label(text: str, x: Number, y: Number, anchor: str = "start", class_: str = "") -> Markup:
    """Words at a place; `anchor` is start, middle or end."""
    given: dict[str, Value] = {"x": x, "y": y}
    if anchor != "start":
        given["text_anchor"] = anchor
    if class_:
        given["class_"] = class_
    return element("text", escape(text), **given)


def shortened(text: str, length: int) -> str:
    """The text, or its beginning with an ellipsis."""
    return text if len(text) <= length else f"{text[: length - 1].rstrip()}…"


def _text(value: Value) -> str:
    return f"{value:.1f}".removesuffix(".0") if isinstance(value, float) else str(value)
