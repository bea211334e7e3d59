"""What is known of a provider, kept between runs: the facts of a file by its bytes.

A description that was read and checked once needs no second look. What is kept is named by the
digest of the file and by everything that reads it, so that it is never older than either.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path

from fvbuild import __version__
from fvbuild.engine.digest import quick
from fvbuild.errors import UsageError
from fvbuild.targets.api.facts import ProviderFacts, as_json, from_json

_FORM = 5
"""Raised whenever the same description would give other facts."""

_FOLDER = Path(__file__).parent / "providers"
_SUFFIXES = (".yaml", ".yml")
_MAX_BYTES = 4 * 1024 * 1024


def known(source: str, film_folder: Path, cache: Path | None) -> ProviderFacts:
    """The facts of a shipped provider's name, or of a file relative to the film.

    Raises UsageError for a name that is not shipped, and DescriptionFaults.
    """
    own = source.endswith(_SUFFIXES)
    path = film_folder / source if own else _FOLDER / f"{source}.yaml"
    kept = _kept_at(path, cache)
    if kept is not None:
        with suppress(OSError, ValueError, KeyError, TypeError, AttributeError):
            return from_json(json.loads(kept.read_bytes()), path, own=own)
    facts = _read(source, film_folder, path, own=own)
    if kept is not None:
        _keep(kept, facts)
    return facts


def _kept_at(path: Path, cache: Path | None) -> Path | None:
    """Where the facts of a file's bytes are kept; None where they cannot be."""
    if cache is None:
        return None
    try:
        if not path.is_file() or path.stat().st_size > _MAX_BYTES:
            return None
        # The name counts too: a file is called as its provider is.
        digest = quick(path.name.encode() + b"\0" + path.read_bytes())
    except OSError:
        return None
    return cache / f"{digest}-{__version__}-{_FORM}.json"


def _read(source: str, film_folder: Path, path: Path, *, own: bool) -> ProviderFacts:
    from fvbuild.targets.api.extract import facts_of
    from fvbuild.targets.api.load import load

    if not own and not path.is_file():
        from fvbuild.film.suggest import did_you_mean
        from fvbuild.targets.api.load import shipped

        raise UsageError(
            f"there is no provider '{source}'", hint=did_you_mean(source, sorted(shipped()))
        )
    return facts_of(load(source, film_folder).description, path, own=own)


def _keep(path: Path, facts: ProviderFacts) -> None:
    """Write them; where that cannot be, they are read again next time."""
    part = path.with_name(f"{path.name}.{os.getpid()}")
    with suppress(OSError, ValueError, TypeError):
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(json.dumps(as_json(facts)), encoding="utf-8")
        part.replace(path)
