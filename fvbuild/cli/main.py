"""The entry of the program. Nothing is imported here before it is known to be needed.

``--version`` and a build in which nothing changed are answered before argparse is imported: they
are what scripts, prompts and editors run all day.
"""

from __future__ import annotations

import sys


def entry(argv: list[str] | None = None) -> int:
    """Run the program; returns its exit code (a console script passes it to ``sys.exit``)."""
    words = sys.argv[1:] if argv is None else argv
    if words[:1] in (["--version"], ["-V"]):
        from fvbuild import __version__

        sys.stdout.write(f"fvbuild {__version__}\n")
        return 0
    if "build" in words:
        code = _nothing_changed(words)
        if code is not None:
            return code
    from fvbuild.cli.guard import guarded

    return guarded(words)


def _nothing_changed(words: list[str]) -> int | None:
    """The exit code when recorded stats prove that there is nothing to build, else None."""
    from fvbuild.project.unchanged import try_quick_build

    return try_quick_build(words)


if __name__ == "__main__":
    sys.exit(entry())
