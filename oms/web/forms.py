"""What people send by forms: read once, and carried out once however often it is sent."""

from enum import StrEnum
from typing import TypeVar

from litestar.datastructures import FormMultiDict

from oms.http import idempotent
from oms.http.call import Call
from oms.kernel.errors import Invalid
from oms.web.pages import FORM_KEY

E = TypeVar("E", bound=StrEnum)


class Form:
    """The fields of a form, as texts without blanks around them."""

    def __init__(self, fields: FormMultiDict) -> None:
        self._fields = fields

    def text(self, name: str, length_max: int = 500) -> str:
        """A field, "" when it was not sent; `Invalid` when it is longer than allowed."""
        value = str(self._fields.get(name) or "").strip()
        if len(value) > length_max:
            raise Invalid(
                "form.too_long",
                f"This text has {len(value)} characters; {length_max} are possible here.",
                "Shorten it.",
                {name: "too long"},
            )
        return value

    def required(self, name: str, length_max: int = 500) -> str:
        """The same; `Invalid` when nothing was filled in."""
        value = self.text(name, length_max)
        if not value:
            raise Invalid(
                "form.missing", "A field is still empty.", "Fill it in.", {name: "missing"}
            )
        return value

    def number(self, name: str, least: int, most: int) -> int:
        """A whole number within bounds; `Invalid` for anything else."""
        value = self.text(name, 20)
        try:
            number = int(value)
        except ValueError:
            number = least - 1
        if not least <= number <= most:
            raise Invalid(
                "form.number",
                f"'{value}' is not a whole number from {least} to {most}.",
                "Correct the number.",
                {name: "not a number in range"},
            )
        return number

    def one_of(self, name: str, words: type[E]) -> E:
        """One of an enumeration's words; `Invalid` for any other."""
        value = self.text(name, 100)
        try:
            return words(value)
        except ValueError:
            raise Invalid(
                "form.choice",
                f"'{value}' is not one of: {', '.join(words)}.",
                "Choose one of them.",
                {name: "unknown"},
            ) from None

    def all(self, name: str, count_max: int = 1_000) -> list[str]:
        """Every value of a field that may be sent several times."""
        values = [str(value).strip() for value in self._fields.getall(name, [])]
        if len(values) > count_max:
            raise Invalid(
                "form.too_many",
                f"{len(values)} were chosen; {count_max} at a time are possible.",
                "Choose fewer.",
                {name: "too many"},
            )
        return values


async def posted(request: Call) -> Form:
    """The form of this request. Its hidden key makes that a second sending changes nothing more."""
    fields = await request.form()
    key = str(fields.get(FORM_KEY) or "")
    if key:
        request.scope["state"][idempotent.GIVEN_KEY] = key
    return Form(fields)
