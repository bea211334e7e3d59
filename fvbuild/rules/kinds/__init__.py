"""One file a node kind. A new file here is a new kind: nothing else lists them.

Each module declares ``RULES``, one :class:`~fvbuild.rules.rule.Rule` or a few close siblings.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pkgutil import iter_modules

from fvbuild.engine.graph import Kind
from fvbuild.rules.rule import Rule


def _found() -> tuple[Rule, ...]:
    rules: list[Rule] = []
    for module in sorted(iter_modules(__path__), key=lambda module: module.name):
        rules.extend(import_module(f"{__name__}.{module.name}").RULES)
    return tuple(rules)


RULES: tuple[Rule, ...] = _found()
"""Every rule, by the name of its file."""

KINDS: Mapping[str, Kind] = {rule.kind.name: rule.kind for rule in RULES}
"""Every node kind by its name."""
