"""The rules of posting, from accounts.toml: which amounts of a fact go to which accounts.

It makes entries and writes none.
"""

import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Final, TypedDict, Unpack

import msgspec

from oms.ledger.model import Entry, Posting

ACCOUNT_NAME: Final = re.compile(
    r"(Assets|Liabilities|Equity|Income|Expenses)(:([A-Z0-9][A-Za-z0-9-]*|\{[a-z]+\}))+"
)
_NOT_IN_A_PART: Final = re.compile(r"[^A-Za-z0-9]+")


class About(TypedDict, total=False):
    """What an entry is about, and what fills the {placeholders} of its accounts."""

    order_id: str
    document_id: str
    memo: str
    tender: str
    channel: str
    gateway: str
    item: str


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Named amounts by the account they are debited or credited to."""

    words: str
    debit: dict[str, list[str]]
    credit: dict[str, list[str]]

    @property
    def amounts(self) -> frozenset[str]:
        """The names of the amounts this rule speaks of."""
        return frozenset(name for names in self.debit.values() for name in names)

    def lines(self) -> Iterator[tuple[str, int, list[str]]]:
        """Account, sign and names of amounts; debits first."""
        for account, names in self.debit.items():
            yield account, 1, names
        for account, names in self.credit.items():
            yield account, -1, names


class Chart(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Accounts with what they are for, and rules by name."""

    accounts: dict[str, str]
    rules: dict[str, Rule]

    def __post_init__(self) -> None:
        for account in self.accounts:
            if not ACCOUNT_NAME.fullmatch(account):
                raise ValueError(f"'{account}' is not a name of an account")
        for name, rule in self.rules.items():
            _expect_sound(name, rule, self.accounts)


def read_chart(text: str) -> Chart:
    """The chart in a TOML text; `ValueError` or `msgspec.ValidationError` says what is wrong."""
    return msgspec.convert(tomllib.loads(text), Chart)


@cache
def chart() -> Chart:
    """The chart this system runs with."""
    return read_chart((files("config") / "accounts.toml").read_text(encoding="utf-8"))


def entry(rule: str, amounts: Mapping[str, int], currency: str, **about: Unpack[About]) -> Entry:
    """The entry that `rule` makes of `amounts` (minor units by name).

    Amounts not given count as zero, and zero amounts leave no posting. An amount or rule the chart
    does not know is a bug of the caller.
    """
    found = chart().rules[rule]
    unknown = amounts.keys() - found.amounts
    if unknown:
        raise ValueError(f"rule '{rule}' has no amounts {sorted(unknown)}")
    sums = (
        (account, sign * sum(amounts.get(name, 0) for name in names))
        for account, sign, names in found.lines()
    )
    return Entry(
        rule=rule,
        currency=currency,
        postings=tuple(
            Posting(_filled(account, about), amount) for account, amount in sums if amount
        ),
        order_id=about.get("order_id", ""),
        document_id=about.get("document_id", ""),
        memo=about.get("memo", ""),
    )


def account_part(text: str) -> str:
    """`text` as one part of an account's name: ``paid_on_channel`` → ``PaidOnChannel``."""
    words = [word for word in _NOT_IN_A_PART.split(text) if word]
    return "".join(word[0].upper() + word[1:] for word in words) or "None"


def _filled(account: str, about: About) -> str:
    if "{" not in account:
        return account
    parts = {name: account_part(value) for name, value in about.items() if isinstance(value, str)}
    return account.format(**parts)


def _expect_sound(name: str, rule: Rule, accounts: Mapping[str, str]) -> None:
    debited = Counter(amount for names in rule.debit.values() for amount in names)
    credited = Counter(amount for names in rule.credit.values() for amount in names)
    if debited != credited or max(debited.values(), default=0) != 1:
        raise ValueError(f"rule '{name}': every amount must stand once in debit and once in credit")
    unknown = {account for account, _, _ in rule.lines()} - accounts.keys()
    if unknown:
        raise ValueError(f"rule '{name}' posts to unknown accounts {sorted(unknown)}")
