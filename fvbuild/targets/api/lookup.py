"""Looking something up in an answer: JMESPath over its JSON, regular expressions over its text.

Both come from descriptions, which may come from anywhere: those that could keep a build busy for
ever are no paths and no patterns here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import factorial, prod
from re import _constants as codes  # type: ignore[attr-defined]  # the names of what is parsed
from re import _parser as parser  # type: ignore[attr-defined]  # re shows its parser nowhere else
from typing import Any

import jmespath
from jmespath.exceptions import JMESPathError
from jmespath.parser import ParsedResult

_MOST_COPIES = 4096
_DEEPEST, _TOO_DEEP = 60, "it is nested too deeply"
_REPEATS = (codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT)
_ENDLESS = 1000
"""A repeat that may end in more ways than this is as good as one without an end."""
_MOST_STEPS = 2_000_000
"""A tenth of a second, at 50 ns a step that takes no regard of case."""
_MOST_SEEN, _LEAST_SEEN = 65_536, 200
_LONGEST = 500


@lru_cache(maxsize=2048)
def path(source: str) -> ParsedResult:
    """A path, compiled. Raises JMESPathError, also where it would copy an answer too often."""
    try:
        found = jmespath.compile(source)
    except RecursionError:
        raise JMESPathError(_TOO_DEEP) from None
    if _depth(found.parsed) > _DEEPEST:
        raise JMESPathError(_TOO_DEEP)
    # Lists of selections in a row hold their input as often as the product of their lengths.
    if prod(_selections(found.parsed)) > _MOST_COPIES:
        raise JMESPathError("it selects the same too often")
    return found


def _depth(tree: Mapping[str, Any]) -> int:
    """How many levels a path's tree has, counted without recursion."""
    deepest, left = 0, [(tree, 1)]
    while left:
        node, level = left.pop()
        deepest = max(deepest, level)
        left.extend((each, level + 1) for each in node["children"] if isinstance(each, Mapping))
    return deepest


def _selections(tree: Mapping[str, Any]) -> Iterator[int]:
    if tree["type"] in ("multi_select_list", "multi_select_dict"):
        yield max(1, len(tree["children"]))
    for child in tree["children"]:
        if isinstance(child, Mapping):
            yield from _selections(child)


@dataclass(frozen=True, slots=True)
class Pattern:
    """A regular expression that takes no regard of case, and how much of a text it sees."""

    expression: re.Pattern[str]
    sees_chars: int

    def search(self, text: str) -> re.Match[str] | None:
        """The first match in what it sees of a text, which is its beginning."""
        return self.expression.search(text, 0, self.sees_chars)


@lru_cache(maxsize=2048)
def pattern(source: str) -> Pattern:
    """A regular expression, compiled, with as much to see as it can be through with soon.

    What matching may take grows with a text's length by a power for each repeat: a text of n
    characters in which k repeats have no end takes up to n^(k+1) / (k+1)! steps, and each other
    repeat multiplies that by how often it may repeat. Raises re.error, also where it could take
    time without bound (repeats in repeats), or sees too little.
    """
    if len(source) > _LONGEST:
        raise re.error(f"it is longer than {_LONGEST} characters")
    found = re.compile(source, re.IGNORECASE)
    repeats = list(_repeats(parser.parse(source), inside=False))
    ends = prod(each for each in repeats if each <= _ENDLESS)
    endless = sum(each > _ENDLESS for each in repeats) + 1
    sees = int((_MOST_STEPS * factorial(endless) / ends) ** (1 / endless))
    if sees < _LEAST_SEEN:
        raise re.error("looking for it may take too long: give repeats an end, as in .{0,40}")
    return Pattern(found, min(sees, _MOST_SEEN))


def _repeats(tree: Any, *, inside: bool) -> Iterator[int]:
    """In how many ways each repeat of a parsed pattern may end. Raises re.error."""
    for code, argument in tree:
        if inside and (code in _REPEATS or code is codes.BRANCH):
            raise re.error("repeats and alternatives in a repeat may take for ever")
        if code in _REPEATS and argument[1] != argument[0]:
            yield int(argument[1]) - int(argument[0]) + 1
        repeated = inside or (code in _REPEATS and argument[1] > 1)
        for part in _parts(argument):
            yield from _repeats(part, inside=repeated)


def _parts(argument: Any) -> Iterator[Any]:
    """The patterns within an element's argument."""
    if isinstance(argument, parser.SubPattern):
        yield argument
    elif isinstance(argument, tuple | list):
        for each in argument:
            yield from _parts(each)


_NOT_CHECKED = (TypeError, ValueError, ArithmeticError, AttributeError, LookupError, RecursionError)
"""What the library lets through where it takes values as they come: it compares "" with 1000."""


def look(source: str, value: Any) -> Any:
    """What a path finds, or None: an answer of another form than the path expects has nothing."""
    try:
        return path(source).search(value)
    except (JMESPathError, *_NOT_CHECKED):
        return None
