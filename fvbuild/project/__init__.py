"""The composition root: a film, its graph, targets, store and lock, ready for the commands.

Names are imported when they are used: a build that has nothing to do needs none of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fvbuild.project.records import BuildOptions, NodeTakes, TakeRow
    from fvbuild.project.session import Project

__all__ = ["BuildOptions", "NodeTakes", "Project", "TakeRow"]


def __getattr__(name: str) -> Any:
    if name == "Project":
        from fvbuild.project.session import Project

        return Project
    if name in ("BuildOptions", "NodeTakes", "TakeRow"):
        from fvbuild.project import records

        return getattr(records, name)
    raise AttributeError(name)
