"""Keeping secrets out of what is written and shown: logs, errors, the reasons of runs, tables.

Two things are taken out. Every value that this process logs in with, wherever it stands, also as an address writes it;
and, in what only people read, the parameters of addresses that carry somebody's key (``access_token=``, ``hash=``).
Addresses that are data keep their parameters: there they tell one page from another.
"""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote, quote_plus

SHOWN = "[secret]"
_SHORTEST = 6  # a shorter value is no key, and would be found in half of all words
_PARAMETERS = (
    r"(?i)([?&;#](?:access_token|refresh_token|xsec_token|auth_token|token|api_?key|key|client_secret|secret|password"
    r"|signature|sig|hash|h)=)[^&#\s\"'<>\\]+"
)
_LOGIN = r"(://)[^/@\s:]+:[^/@\s]+@"
_in_addresses, _in_logins = re.compile(_PARAMETERS), re.compile(_LOGIN)
_lock = threading.Lock()
_known: set[str] = set()
_values: re.Pattern[str] | None = None


def learn(values: Iterable[str | None]) -> None:
    """Take these values for secrets from now on, in this process."""
    global _values  # one process, one set of secrets
    found = {value for value in values if value and len(value) >= _SHORTEST}
    with _lock:
        if found <= _known:
            return
        _known.update(found)
        _values = re.compile("|".join(map(re.escape, _spellings())))


def plain_pattern() -> str | None:
    """Return a regular expression of the known secrets that every dialect reads alike; None where nothing is known."""
    return "|".join(map(_spelled_out, _spellings())) if _known else None


def hide(text: str) -> str:
    """Take known secrets out of a text that is data."""
    return _values.sub(SHOWN, text) if _values else text


def redact(text: str) -> str:
    """Take known secrets, and what looks like one, out of a text that people read."""
    return _in_logins.sub(rf"\1{SHOWN}@", _in_addresses.sub(rf"\1{SHOWN}", hide(text)))


class Redactor(logging.Filter):
    """Takes secrets out of a record, its arguments and its traceback; a record without any stays as it is."""

    def filter(self, record: logging.LogRecord) -> bool:
        said = _said(record)
        if (clean := redact(said)) != said:
            record.msg, record.args = clean, ()
        if record.exc_info and record.exc_info[1] is not None:
            trace = logging.Formatter().formatException(record.exc_info)
            if (clean := redact(trace)) != trace:
                record.exc_info, record.exc_text = None, clean
        if record.stack_info:
            record.stack_info = redact(record.stack_info)
        return True


def watch_logs() -> None:
    """Redact every record that this process logs from now on, whoever logs it and wherever it goes."""
    if getattr(logging.getLogRecordFactory(), "redacts", False):
        return
    before, redactor = logging.getLogRecordFactory(), Redactor()

    def made(*given: Any, **named: Any) -> logging.LogRecord:
        record = before(*given, **named)
        redactor.filter(record)
        return record

    made.redacts = True  # type: ignore[attr-defined]  # so that it is set up once
    logging.setLogRecordFactory(made)


def _spellings() -> list[str]:
    """Return the known secrets, plain and as an address writes them, the longest first."""
    spellings = {spelled for value in set(_known) for spelled in (value, quote(value, safe=""), quote_plus(value))}
    return sorted(spellings, key=len, reverse=True)


def _spelled_out(value: str) -> str:
    return "".join(one if one.isascii() and one.isalnum() else f"\\x{{{ord(one):x}}}" for one in value)


def _said(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except (TypeError, ValueError):  # arguments that do not fit are the logging module's to complain about
        return f"{record.msg} {record.args}"
