"""The entry of the program. Nothing is imported here before it is known to be needed.

``--version`` and a build in which nothing changed are answered before argparse is imported: they
are what scripts, prompts and editors run all day.
"""

from __future__ import annotations

import atexit
import gc
import os
import sys

_OBJECTS_BETWEEN_COLLECTIONS = 50_000


def entry(argv: list[str] | None = None) -> int:
    """Run the program; returns its exit code (a console script passes it to ``sys.exit``)."""
    words = sys.argv[1:] if argv is None else argv
    # The last look for garbage, when the process ends anyway, takes 0.1 to 0.3 s after a build.
    atexit.register(gc.freeze)
    try:
        _open_closed_streams()
        return _run(words)
    except KeyboardInterrupt:  # so early that nothing is under way
        return 130


def _run(words: list[str]) -> int:
    if words[:1] in (["--version"], ["-V"]):
        from fvbuild import __version__

        sys.stdout.write(f"fvbuild {__version__}\n")
        return 0
    if "build" in words:
        code = _nothing_changed(words)
        if code is not None:
            return code
    from fvbuild.cli.guard import guarded

    # A graph is a great many objects that live to the end: to look for garbage among them after
    # every 700 new ones, as is the rule, takes a quarter of the time of a small build.
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS, 20, 20)
    return guarded(words)


def _nothing_changed(words: list[str]) -> int | None:
    """The exit code when recorded stats prove that there is nothing to build, else None."""
    from fvbuild.project.unchanged import try_quick_build

    try:
        return try_quick_build(words)
    except Exception:  # whatever is wrong here, the long way meets it too, and can tell it
        return None


def _open_closed_streams() -> None:
    """A stream that the caller closed (``>&-``) is None in Python; let it swallow what it gets."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w"))  # noqa: PTH123, SIM115 - it stays open


if __name__ == "__main__":
    sys.exit(entry())
