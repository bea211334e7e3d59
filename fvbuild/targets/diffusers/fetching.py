"""A model's files: found in the hub's cache, or fetched into it with progress, and resumed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fvbuild.errors import TargetError
from fvbuild.targets.diffusers import weights

_SMALL = ("*.json", "*.txt", "*.model", "*.jinja", "*.tiktoken", "*.py")
"""What loading reads beside weights. Pickled weights are never fetched."""
_WEIGHTS = "*.safetensors"
_INDEX = "model_index.json"


def folder_of(
    model: str,
    revision: str | None,
    film_folder: Path,
    progress: Callable[[float, str], None],
    *,
    online: bool = True,
) -> Path:
    """The folder of a model's files, fetched where it is not here yet.

    Raises TargetError for a model that is missing or gated, with what to run.
    """
    found = weights.folder_here(model, revision, film_folder)
    if found is not None and (
        weights.is_whole(found) or weights.local_folder(model, film_folder) is not None
    ):
        return found
    if not online:
        raise absent(model, revision)
    return _fetched(model, revision, progress)


def _fetched(model: str, revision: str | None, progress: Callable[[float, str], None]) -> Path:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import (
        GatedRepoError,
        HfHubHTTPError,
        LocalEntryNotFoundError,
        OfflineModeIsEnabled,
        RepositoryNotFoundError,
        RevisionNotFoundError,
    )

    progress(0.0, f"fetching {model}")
    try:
        return Path(
            snapshot_download(
                model,
                revision=revision,
                allow_patterns=[*_SMALL, *_weights(model, revision)],
                tqdm_class=_bar(progress, model),
            )
        )
    except GatedRepoError as error:
        raise TargetError(
            f"'{model}' is gated: its owner lets only those in who agreed to its licence",
            hint=f"agree at https://huggingface.co/{model}, then `hf auth login`",
        ) from error
    except (RepositoryNotFoundError, RevisionNotFoundError) as error:
        raise TargetError(
            f"the hub has no model '{model}'" + (f" at '{revision}'" if revision else ""),
            hint="look at its name and revision; a private one needs `hf auth login`",
        ) from error
    except (LocalEntryNotFoundError, OfflineModeIsEnabled, HfHubHTTPError, OSError) as error:
        raise absent(model, revision) from error


def _weights(model: str, revision: str | None) -> list[str]:
    """The weights that loading reads: of a pipeline those of its parts, for beside them there often
    lie the same and others in single files, hundreds of gigabytes of them; else all."""
    from huggingface_hub import hf_hub_download
    from huggingface_hub.errors import EntryNotFoundError, LocalEntryNotFoundError

    try:
        index = hf_hub_download(model, _INDEX, revision=revision)
    except LocalEntryNotFoundError:
        raise
    except EntryNotFoundError:
        return [_WEIGHTS]
    try:
        named = json.loads(Path(index).read_text(encoding="utf-8"))
    except ValueError:
        return [_WEIGHTS]
    return [f"{part}/{_WEIGHTS}" for part, kind in named.items() if isinstance(kind, list)]


def absent(model: str, revision: str | None) -> TargetError:
    """The error for a model that is not here."""
    at = f" --revision {revision}" if revision else ""
    return TargetError(
        f"the files of '{model}' are not on this machine",
        hint=f"where there is a network: hf download {model}{at}",
    )


def _bar(progress: Callable[[float, str], None], model: str) -> Any:
    """A progress bar of the hub's that tells the build instead of the terminal."""
    from tqdm import tqdm

    class _Told(tqdm):  # type: ignore[misc]  # tqdm ships no types
        def __init__(self, *args: Any, **named: Any) -> None:
            named["disable"] = True
            super().__init__(*args, **named)
            self._sum = 0.0

        def update(self, n: float | None = 1) -> bool | None:
            self._sum += n or 0
            if self.total:
                progress(min(1.0, self._sum / self.total), f"fetching {model}")
            return None

    return _Told
