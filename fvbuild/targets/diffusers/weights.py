"""Where a model's files are, and what stands for them in a key: a commit, or a digest of files.

A plan asks for this, so nothing here imports torch or huggingface_hub: the hub's cache has a plain
layout which its documentation states: ``models--owner--name/refs/<name>``, ``snapshots/<commit>``.
"""

from __future__ import annotations

import json
import os
import re
from functools import lru_cache
from pathlib import Path

from fvbuild.engine.digest import of_value
from fvbuild.errors import TargetError

_COMMIT = re.compile(r"^[0-9a-f]{7,40}$")
_BLOCK_BYTES = 1 << 20


def hub_cache() -> Path:
    """The hub's cache folder, by its own environment variables."""
    if folder := os.environ.get("HF_HUB_CACHE"):
        return Path(folder)
    home = os.environ.get("HF_HOME") or str(
        Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "huggingface"
    )
    return Path(home) / "hub"


def local_folder(model: str, film_folder: Path) -> Path | None:
    """The folder of a model that is named by its path, relative to the film; else None."""
    path = Path(model).expanduser()
    if not (model.startswith((".", "/", "~")) or (film_folder / path).is_dir()):
        return None
    folder = film_folder / path
    if not folder.is_dir():
        raise TargetError(f"there is no model folder {folder}", hint="the path is the film's")
    return folder


def commit_of(model: str, revision: str | None) -> str | None:
    """The commit a revision stands for: itself where it is one, else as the hub's cache has it.

    None where nothing here can tell; then a key cannot be made.
    """
    if revision is not None and _COMMIT.match(revision):
        return revision
    ref = hub_cache() / f"models--{model.replace('/', '--')}" / "refs" / (revision or "main")
    try:
        return ref.read_text(encoding="utf-8").strip() or None
    except OSError:
        return None


def snapshot(model: str, commit: str) -> Path | None:
    """The folder of a commit in the hub's cache; a shortened one finds the only one it begins."""
    folder = hub_cache() / f"models--{model.replace('/', '--')}" / "snapshots"
    if not folder.is_dir():
        return None
    found = [each for each in folder.iterdir() if each.name.startswith(commit)]
    return found[0] if len(found) == 1 else None


def folder_here(model: str, revision: str | None, film_folder: Path) -> Path | None:
    """The folder of a model: the film's own, or in the hub's cache, be it whole or not; or None."""
    local = local_folder(model, film_folder)
    if local is not None:
        return local
    commit = commit_of(model, revision)
    return snapshot(model, commit) if commit is not None else None


def is_whole(folder: Path) -> bool:
    """Whether a snapshot has what it names: a download that was broken off leaves links to
    nothing."""
    if not ((folder / "model_index.json").is_file() or (folder / "config.json").is_file()):
        return False
    return not any(link.is_symlink() and not link.exists() for link in folder.rglob("*"))


def pipeline_class(folder: Path | None) -> str | None:
    """The class that a model's ``model_index.json`` names, or the ``config.json`` of a model of
    transformers; or None."""
    if folder is None:
        return None
    name = _said(folder / "model_index.json", "_class_name")
    if name is None:
        names = _said(folder / "config.json", "architectures")
        name = names[0] if isinstance(names, list) and names else None
    return name if isinstance(name, str) else None


def _said(file: Path, field: str) -> object:
    try:
        told = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return told.get(field) if isinstance(told, dict) else None


def is_pipeline(model: str, film_folder: Path) -> bool:
    """True for a folder that holds a whole pipeline: a denoiser alone has no index."""
    folder = local_folder(model, film_folder)
    return folder is not None and (folder / "model_index.json").is_file()


def digest_of_folder(folder: Path) -> str:
    """32 hex digits over the names and bytes of a model's files. Raises TargetError."""
    try:
        files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
        rows = [[path.relative_to(folder).as_posix(), _digest_of_file(path)] for path in files]
    except OSError as error:
        raise TargetError(f"the model's folder cannot be read: {error}") from error
    return of_value(rows)


def _digest_of_file(path: Path) -> str:
    stat = path.stat()
    return _digest(path, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns)


@lru_cache(maxsize=4096)
def _digest(path: Path, _size_bytes: int, _mtime_ns: int, _ctime_ns: int) -> str:
    import xxhash

    digest = xxhash.xxh3_128()
    with path.open("rb") as reader:
        while block := reader.read(_BLOCK_BYTES):
            digest.update(block)
    return digest.hexdigest()
