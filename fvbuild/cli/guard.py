"""Runs a command and turns whatever happens into words and an exit code, never a traceback."""

from __future__ import annotations

import os
import signal
import sys
import threading
from typing import NoReturn

from fvbuild.cli.catalogue import COMMANDS, meant, overview
from fvbuild.cli.console import Console, mute
from fvbuild.errors import Exit, FilmBuildError, UsageError


def guarded(words: list[str]) -> int:
    """Run a command line and return its exit code. Nothing is raised but what tests ask for."""
    console = Console(no_color="--no-color" in words)
    if threading.current_thread() is threading.main_thread():
        # A polite kill is told and ends like Ctrl-C; while a build runs it has its own handler.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        code = _dispatch(words)
        sys.stdout.flush()
        return code
    except FilmBuildError as error:
        console.error(error)
        return error.exit_code
    except KeyboardInterrupt:
        console.tell("interrupted")
        return Exit.INTERRUPTED
    except BrokenPipeError:
        mute(sys.stdout)
        return Exit.DONE
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else Exit.USAGE
    except OSError as error:
        return _system(console, error)
    except MemoryError:
        console.error(
            FilmBuildError("out of memory", hint="close other programs, or give --jobs 1")
        )
        return Exit.NODE_FAILED
    except Exception as error:
        return _bug(console, error, words)


def _dispatch(words: list[str]) -> int:
    if not words:
        sys.stderr.write(overview() + "\n")
        return Exit.USAGE
    from fvbuild.cli.options import parse, split

    verb, rest = split(words)
    if verb is None:
        if any(word in ("-h", "--help") for word in rest):
            sys.stdout.write(overview() + "\n")
            return Exit.DONE
        raise UsageError("no command is given", hint="fvbuild --help lists the commands")
    if verb == "help":
        if not rest:
            sys.stdout.write(overview() + "\n")
            return Exit.DONE
        verb, rest = rest[0], ["--help"]
    if verb not in COMMANDS:
        better = meant(verb)
        hint = f"did you mean 'fvbuild {better}'?" if better else "fvbuild --help lists them"
        raise UsageError(f"there is no command '{verb}'", hint=hint)
    return parse(COMMANDS[verb], rest)


def _wants_traceback() -> bool:
    return os.environ.get("FVBUILD_TRACEBACK", "") not in ("", "0")


def _system(console: Console, error: OSError) -> int:
    """The system refused something that no closer place has explained."""
    if _wants_traceback():
        raise error
    what = f"cannot use '{error.filename}'" if error.filename else "cannot write"
    console.error(FilmBuildError(f"{what}: {error.strerror or error}"))
    if error.filename is None:
        mute(sys.stdout)  # the likely reason: stdout goes to a full disk
    return Exit.NODE_FAILED


def _bug(console: Console, error: Exception, words: list[str]) -> int:
    """Anything else is a mistake of ours: keep the traceback for a report, and say so shortly."""
    if _wants_traceback():
        raise error
    import tempfile
    import traceback

    from fvbuild import __version__

    text = "".join(traceback.format_exception(error))
    where = ""
    try:
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", prefix="fvbuild-bug-", suffix=".txt", delete=False
        ) as file:
            file.write(f"fvbuild {__version__}, Python {sys.version}\n{words}\n\n{text}")
            where = file.name
    except OSError:
        where = ""
    console.error(
        FilmBuildError(
            f"this is a bug in fvbuild: {type(error).__name__}: {error}",
            hint=f"please report it with {where}" if where else "FVBUILD_TRACEBACK=1 tells more",
        )
    )
    return Exit.NODE_FAILED


def leave_at_once() -> NoReturn:
    """Stop this moment; what was made is durable, and what was not is made again next time."""
    os._exit(Exit.INTERRUPTED)
