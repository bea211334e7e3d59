"""Find every mistake in the film at once, and what an assistant director would doubt.

Mistakes end with exit code 2; doubts (jump cuts, crossed axes, speech too long) with 0.
"""

from __future__ import annotations

EXAMPLES = (
    "fvbuild check",
    "fvbuild check -f projects/last-ferry --profile draft",
    "fvbuild check --json | jq '.diagnostics[].message'",
)
