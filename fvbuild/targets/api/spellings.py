"""The spellings in which a key comes back: as it is, and as encoders and servers write it.

What is missed here is shown to people and kept in files, so it is rather too many than too few. A
key that was reversed, encrypted or digested is not found; neither is one inside of an encoding of
an encoding.
"""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Callable, Iterator
from urllib.parse import quote, quote_plus

_SHORTEST = 12
"""Shorter than this an encoded part may well be a part of something else."""


def spellings(text: str) -> Iterator[tuple[str, str]]:
    """What each spelling is called, ``""`` for the key itself, and the spelling."""
    yield "", text
    yield from _escaped(text)
    raw = text.encode("utf-8", "surrogatepass")
    yield from _in_cases("as hex", raw.hex())
    yield from _in_escapes("in percents", "".join(f"%{byte:02x}" for byte in raw))
    yield from _in_escapes("in escapes", "".join(f"\\x{byte:02x}" for byte in raw))
    for name, encode in (("base64", base64.b64encode), ("url base64", base64.urlsafe_b64encode)):
        whole = encode(raw).decode()
        yield f"as {name}, padded", whole
        yield f"as {name}", whole.rstrip("=")
        yield from _within(f"in {name}", encode, raw, 3, 4)
    whole = base64.b32encode(raw).decode()
    yield from _in_cases("as base32, padded", whole)
    yield from _in_cases("as base32", whole.rstrip("="))
    for name, inner in _within("in base32", base64.b32encode, raw, 5, 8):
        yield from _in_cases(name, inner)


def _escaped(text: str) -> Iterator[tuple[str, str]]:
    """As texts stand in URLs, JSON and HTML."""
    yield "in a path", _encoded(quote, text)
    yield from _in_escapes("in a URL", _encoded(lambda each: quote(each, safe=""), text))
    yield "in a form", _encoded(quote_plus, text)
    yield "in JSON", json.dumps(text)[1:-1]
    yield "in JSON, with slashes", json.dumps(text, ensure_ascii=False)[1:-1].replace("/", "\\/")
    yield from _in_escapes("in safe JSON", "".join(map(_in_units, text)))
    yield "in HTML", html.escape(text)


def _encoded(quoted: Callable[[str], str], text: str) -> str:
    try:
        return quoted(text)
    except UnicodeEncodeError:
        return text


def _in_units(char: str) -> str:
    r"""A character as ``\u002f``, unless it is a letter, a figure, or one that stands anywhere."""
    if char.isascii() and (char.isalnum() or char in "-_. "):
        return char
    units = char.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at] << 8 | units[at + 1]:04x}" for at in range(0, len(units), 2))


def _in_cases(name: str, coded: str) -> Iterator[tuple[str, str]]:
    """Hexadecimal and base32 are written small and large."""
    yield f"{name}, small", coded.lower()
    yield f"{name}, large", coded.upper()


def _in_escapes(name: str, coded: str) -> Iterator[tuple[str, str]]:
    """So are the hexadecimal digits of escapes, while all else stays."""
    yield name, coded
    yield f"{name}, large", _large(coded)
    yield f"{name}, small", re.sub(r"%[0-9A-F]{2}", lambda found: found[0].lower(), coded)


def _large(coded: str) -> str:
    return re.sub(
        r"(?<=\\u)[0-9a-f]{4}|(?<=\\x)[0-9a-f]{2}|(?<=%)[0-9a-f]{2}",
        lambda found: found[0].upper(),
        coded,
    )


def _within(
    name: str, encode: Callable[[bytes], bytes], raw: bytes, group: int, coded_group: int
) -> Iterator[tuple[str, str]]:
    """As it stands within an encoded longer text: it may begin at any place of a group of bytes,
    and the ends depend on what is around."""
    bits = group * 8 // coded_group
    for shift in range(group):
        coded = encode(b"\0" * shift + raw).decode()
        end = (shift + len(raw)) * 8 // bits
        inner = coded[-(-shift * 8 // bits) : end]
        if len(inner) >= _SHORTEST:
            yield f"{name} {shift + 1}", inner
