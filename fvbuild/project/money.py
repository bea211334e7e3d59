"""What a film has spent and may spend, and what became of what it bought."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fvbuild.engine.budget import Budget
from fvbuild.engine.leases import Leases
from fvbuild.project.records import BuildOptions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fvbuild.engine.entry import Entry
    from fvbuild.project.opened import OpenFilm


def budgets(project: OpenFilm, options: BuildOptions) -> tuple[Budget, ...]:
    """The limits that hold for a build: the film's, less what it has spent, and the command's."""
    found = []
    if (own := project.budget) is not None:
        spent = round(project.ledger.spent().get(own.currency, 0.0), 6)
        found.append(Budget(own.amount, own.currency, whole_film=True, spent=spent))
    if (asked := options.budget) is not None:
        found.append(Budget(asked.amount, asked.currency))
    return tuple(found)


def open_purchases(project: OpenFilm) -> Sequence[Entry]:
    """What was bought or begun by builds that are gone. No build of this process may be running:
    it would lose its leases."""
    leases = Leases(project.workspace.cache / "leases")
    try:
        return project.ledger.recover(leases)
    finally:
        leases.close()
