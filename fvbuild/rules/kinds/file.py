"""``file``: bytes given by the film. Its content is the file's, and it is made by nobody."""

from __future__ import annotations

from fvbuild.engine.graph import Kind
from fvbuild.rules.rule import Rule

RULES = (Rule(Kind("file")),)
