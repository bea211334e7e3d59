"""Film -> graph: what nodes a film has, what each is made from, and what goes into its key.

:func:`expand` is all that others need. One file a node kind lies under ``kinds``; the modules
beside it hold what several of them share. No media library is imported until something is made.
"""

from fvbuild.rules.expand import expand
from fvbuild.rules.kinds import KINDS

__all__ = ["KINDS", "expand"]
