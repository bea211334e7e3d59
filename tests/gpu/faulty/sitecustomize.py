"""Loaded by a worker that is to fail: what FVBUILD_TEST_FAULT says goes wrong in its device."""

from __future__ import annotations

import os
import signal
import sys
import time
from typing import Any

FAULT = os.environ.get("FVBUILD_TEST_FAULT", "")
_RANK = sys.argv[sys.argv.index("--rank") + 1] if "--rank" in sys.argv else "0"
if FAULT.startswith("rank "):
    FAULT = FAULT[7:] if FAULT[5] == _RANK else ""
elif _RANK != "0":
    FAULT = ""

if FAULT:
    from fvbuild.targets.diffusers.worker import calling

    _pictures_of = calling.pictures_of

    def pictures_of(work: Any, *rest: Any) -> Any:
        """As it is, but for the fault."""
        import torch

        what, _, unless = FAULT.partition(" unless ")
        if what == "out of memory" and work.model.placement != unless:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20 GiB")
        if what == "killed" and not os.path.exists(unless):  # noqa: PTH110 - a flag of the test's
            open(unless, "w").close()  # noqa: PTH123
            os.kill(os.getpid(), signal.SIGKILL)
        if what == "silent" and not os.path.exists(unless):  # noqa: PTH110
            open(unless, "w").close()  # noqa: PTH123
            time.sleep(600)
        frames = _pictures_of(work, *rest)
        if what == "not a number" and work.model.dtype != unless:
            frames = frames * float("nan")
        return frames

    setattr(calling, "pictures_of", pictures_of)  # noqa: B010 - its own type is stricter

    if FAULT.startswith("reading killed"):
        from fvbuild.targets.diffusers.worker import serving

        def read(_spec: Any) -> Any:
            open(FAULT.partition(" unless ")[2], "w").close()  # noqa: PTH123
            os.kill(os.getpid(), signal.SIGKILL)

        setattr(serving, "read", read)  # noqa: B010
