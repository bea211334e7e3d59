"""The hosts that a user has allowed keys to go to: kept with the user, never with a film.

One host a line in ``trusted-hosts`` in the user's own configuration folder, and, for machines that
have none, in the variable ``FVBUILD_TRUSTED_HOSTS``. No file of a film or workspace adds to them.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from fvbuild.errors import UsageError
from fvbuild.targets.api.trusting import is_entry

VARIABLE = "FVBUILD_TRUSTED_HOSTS"
_FILE = "trusted-hosts"
_ABOUT = (
    "# Hosts that fvbuild may send keys to, beside their providers' own: fvbuild targets --trust\n"
)


def config_folder() -> Path:
    """Where a user's own settings of fvbuild lie, outside of every film."""
    config = os.environ.get("XDG_CONFIG_HOME", "")
    base = Path(config) if config and Path(config).is_absolute() else Path.home() / ".config"
    return base / "fvbuild"


def trusted_hosts() -> frozenset[str]:
    """The hosts allowed; see :mod:`fvbuild.targets.api.trusting` for what one is written like."""
    named = re.split(r"[\s,]+", os.environ.get(VARIABLE, ""))
    return frozenset(map(_plain, filter(None, (*named, *_written()))))


def trust(host: str) -> str:
    """Allow a host from now on; returns how it is written down. Raises UsageError."""
    entry = _entry(host)
    written = _written()
    if entry not in written:
        _write([*written, entry])
    return entry


def distrust(host: str) -> str:
    """Take a host back. Raises UsageError where it was not allowed."""
    entry = _entry(host)
    written = _written()
    if entry not in written:
        raise UsageError(
            f"'{entry}' is not among the hosts that are trusted",
            hint=f"they are: {', '.join(written)}" if written else "none is",
        )
    _write([each for each in written if each != entry])
    return entry


def _plain(host: str) -> str:
    """A host as it is written down; a whole URL will do."""
    name, slash, path = host.strip().removeprefix("https://").rstrip("/").partition("/")
    return name.lower().removesuffix(":443") + slash + path


def _entry(host: str) -> str:
    entry = _plain(host)
    if not is_entry(entry):
        raise UsageError(
            f"'{host}' is no host",
            hint="write proxy.example, or with one's own part of it: gateway.example/v1/mine",
        )
    return entry


def _written() -> list[str]:
    try:
        text = (config_folder() / _FILE).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return []
    lines = (line.partition("#")[0].strip() for line in text.splitlines())
    return [line for line in lines if line]


def _write(entries: list[str]) -> None:
    file = config_folder() / _FILE
    part = file.with_name(f"{_FILE}.{os.getpid()}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(_ABOUT + "".join(f"{each}\n" for each in entries), encoding="utf-8")
        part.replace(file)
    except OSError as error:
        raise UsageError(
            f"'{file}' cannot be written: {error.strerror}", hint=f"set {VARIABLE} instead"
        ) from None
