"""Signs within plain text inside of ``[...]`` and ``{...}``: ``{size: 16:9, line: Who is it?}``.

YAML 1.2 allows ``:`` and ``?`` there, libyaml's scanner does not. Where it stumbles, the text is
read once more with such signs in disguise, which changes neither lines nor columns.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from ruamel.yaml import events
from ruamel.yaml.cyaml import CParser  # type: ignore[attr-defined]  # it is re-exported

# Behind a quote or a bracket a colon ends a key; before white space a question mark begins one.
_INNER = re.compile(
    r"""(?<=[^\s"'\[\]{},])(?:(?P<colon>:)(?=[^\s\[\]{},])|\?)|\?(?=[^\s,\[\]{}])"""
)
_PRIVATE_USE = range(0xE000, 0xF900)


def in_disguise(text: str) -> Callable[[], Any] | None:
    """The parser's next event, of a text in which such signs are text; None if it holds none."""
    unused = (chr(code) for code in _PRIVATE_USE if chr(code) not in text)
    colon, question = next(unused, ""), next(unused, "")
    if not question or not _INNER.search(text):
        return None
    disguised = _INNER.sub(lambda sign: colon if sign["colon"] else question, text)
    next_event = CParser(disguised).get_event

    def undisguised() -> Any:
        event = next_event()
        if type(event) is events.ScalarEvent:
            event.value = event.value.replace(colon, ":").replace(question, "?")
        return event

    return undisguised
