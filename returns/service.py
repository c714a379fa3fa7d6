"""The returns desk's door: everything others may ask of it, over lists.

Each step has a folder of its own beside this file; this one adds nothing to them.
"""

from returns.compensation.service import compensate
from returns.counter.service import take_back
from returns.finishing.service import finish
from returns.inspection.service import inspect, regrade
from returns.intake.service import take_in
from returns.reception.service import close, receive
from returns.refusal.service import abandon, reconsider, send_back
from returns.requesting.service import decide, report_news, request

__all__ = [
    "abandon",
    "close",
    "compensate",
    "decide",
    "finish",
    "inspect",
    "receive",
    "reconsider",
    "regrade",
    "report_news",
    "request",
    "send_back",
    "take_back",
    "take_in",
]
