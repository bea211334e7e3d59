"""Colons within plain text inside of ``[...]`` and ``{...}``: ``{size: 16:9}``, ``[http://a.b]``.

YAML 1.2 allows them, libyaml's scanner does not. Where it stumbles over one, the text is read once
more with such colons in disguise, which changes neither lines nor columns.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from ruamel.yaml import events
from ruamel.yaml.cyaml import CParser  # type: ignore[attr-defined]  # it is re-exported

# A colon between two signs of a plain text. Behind a quote or a bracket it ends a key.
_INNER = re.compile(r"""(?<=[^\s"'\[\]{},]):(?=[^\s\[\]{},])""")
_PRIVATE_USE = range(0xE000, 0xF900)


def is_colon_of_text(error: Exception) -> bool:
    """Whether libyaml stumbled over such a colon."""
    return "found unexpected ':'" in str(getattr(error, "problem", ""))


def events_with_colons(text: str) -> Callable[[], Any]:
    """The parser's next event, of a text in which such colons are text."""
    disguise = next(chr(code) for code in _PRIVATE_USE if chr(code) not in text)
    next_event = CParser(_INNER.sub(disguise, text)).get_event

    def undisguised() -> Any:
        event = next_event()
        if type(event) is events.ScalarEvent:
            event.value = event.value.replace(disguise, ":")
        return event

    return undisguised
