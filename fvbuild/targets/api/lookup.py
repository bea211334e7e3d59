"""Looking something up in an answer: JMESPath over its JSON, regular expressions over its text."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

import jmespath
from jmespath.exceptions import JMESPathError
from jmespath.parser import ParsedResult


@lru_cache(maxsize=2048)
def path(source: str) -> ParsedResult:
    """A path, compiled. Raises JMESPathError."""
    return jmespath.compile(source)


@lru_cache(maxsize=2048)
def pattern(source: str) -> re.Pattern[str]:
    """A regular expression that takes no regard of case. Raises re.error."""
    return re.compile(source, re.IGNORECASE)


def look(source: str, value: Any) -> Any:
    """What a path finds, or None: an answer of another form than the path expects has nothing."""
    try:
        return path(source).search(value)
    except JMESPathError:
        return None
