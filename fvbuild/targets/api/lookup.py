"""Looking something up in an answer: JMESPath over its JSON, regular expressions over its text.

Both come from descriptions, which may come from anywhere: those that could keep a build busy for
ever are no paths and no patterns here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from math import prod
from re import _constants as codes  # type: ignore[attr-defined]  # the names of what is parsed
from re import _parser as parser  # type: ignore[attr-defined]  # re shows its parser nowhere else
from typing import Any

import jmespath
from jmespath.exceptions import JMESPathError
from jmespath.parser import ParsedResult

_MOST_COPIES = 4096
_MOST_REPEATS = 4
_REPEATS = (codes.MAX_REPEAT, codes.MIN_REPEAT)
_MANY = 64


@lru_cache(maxsize=2048)
def path(source: str) -> ParsedResult:
    """A path, compiled. Raises JMESPathError, also where it would copy an answer too often."""
    found = jmespath.compile(source)
    # Lists of selections in a row hold their input as often as the product of their lengths.
    if prod(_selections(found.parsed)) > _MOST_COPIES:
        raise JMESPathError("it selects the same too often")
    return found


def _selections(tree: Mapping[str, Any]) -> Iterator[int]:
    if tree["type"] in ("multi_select_list", "multi_select_dict"):
        yield max(1, len(tree["children"]))
    for child in tree["children"]:
        if isinstance(child, Mapping):
            yield from _selections(child)


@lru_cache(maxsize=2048)
def pattern(source: str) -> re.Pattern[str]:
    """A regular expression that takes no regard of case. Raises re.error, also where looking for it
    could take time without bound: repeats inside of repeats, and many of them."""
    found = re.compile(source, re.IGNORECASE)
    if _repeats(parser.parse(source), inside=False) > _MOST_REPEATS:
        raise re.error(f"more than {_MOST_REPEATS} open repeats take too long")
    return found


def _repeats(tree: Any, *, inside: bool) -> int:
    """How many repeats without a near end there are in a parsed pattern. Raises re.error."""
    count = 0
    for code, argument in tree:
        if inside and (code in _REPEATS or code is codes.BRANCH):
            raise re.error("repeats and alternatives in a repeat may take for ever")
        count += code in _REPEATS and argument[1] > _MANY
        repeated = inside or (code in _REPEATS and argument[1] > 1)
        for part in _parts(argument):
            count += _repeats(part, inside=repeated)
    return count


def _parts(argument: Any) -> Iterator[Any]:
    """The patterns within an element's argument."""
    if isinstance(argument, parser.SubPattern):
        yield argument
    elif isinstance(argument, tuple | list):
        for each in argument:
            yield from _parts(each)


def look(source: str, value: Any) -> Any:
    """What a path finds, or None: an answer of another form than the path expects has nothing."""
    try:
        return path(source).search(value)
    except JMESPathError:
        return None
