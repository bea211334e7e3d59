"""The templates that texts are written from: shipped ones, and a film's own in front of them.

They lie below ``templates/`` in groups, one folder each: ``prompts`` (what models are told),
``prompts/llm`` (what language models are asked) and ``styles`` (what `enhance` adds). A file of the
same name in the film's own ``templates`` folder is used in place of the shipped one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fvbuild.engine.digest import Json, of_value, quick
from fvbuild.errors import TargetError
from fvbuild.resources import template as shipped

if TYPE_CHECKING:
    from jinja2 import Environment, Template

FOLDER = "templates"
"""What the folder of a film's own templates is called."""

_PATTERNS = ("*.j2", "*.json")
_ENDS = (".", "!", "?", "…", ":", "”", "]")


def own_folder(film_folder: Path | None) -> Path | None:
    """The folder of a film's own templates, if the film has one."""
    if film_folder is None:
        return None
    folder = film_folder / FOLDER
    return folder if folder.is_dir() else None


def templates_of(film_folder: Path) -> tuple[list[Path], list[Path]]:
    """All that the texts of a film may depend on: folders of its own templates, and files.

    The folders are given even where the film has none, for it may get some.
    """
    own = film_folder / FOLDER
    inside = sorted(own.rglob("*"))
    folders = [own, *(path for path in inside if path.is_dir())]
    files = [path for path in inside if path.is_file()]
    return folders, [*files, *(path for path in shipped("").rglob("*") if path.is_file())]


class Templates:
    """Templates by their path below ``templates/``: ``prompts/motion.veo.j2``."""

    def __init__(self, own: Path | None = None) -> None:
        """``own``: the folder of a film's own templates."""
        self._own = own
        self._groups: dict[str, Mapping[str, bytes]] = {}
        self._digests: dict[str, str] = {}
        self._compiled: dict[str, Template] = {}
        self._environment: Environment | None = None

    def group(self, name: str) -> Mapping[str, bytes]:
        """The bytes of the files of one folder, by path, the film's own in place of ours."""
        known = self._groups.get(name)
        if known is None:
            found: dict[str, bytes] = {}
            for root in (shipped("."), self._own):
                for pattern in _PATTERNS:
                    for path in sorted((root / name).glob(pattern)) if root is not None else ():
                        found[f"{name}/{path.name}"] = path.read_bytes()
            known = self._groups[name] = found
        return known

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name in self.group(name.rpartition("/")[0])

    def digest(self, name: str) -> str:
        """The digest of one file. Raises TargetError when there is none."""
        known = self._digests.get(name)
        if known is None:
            known = self._digests[name] = quick(self._source(name))
        return known

    def digest_of(self, names: Sequence[str]) -> Json:
        """One digest of several files and their names."""
        return of_value({name: self.digest(name) for name in names})

    def data(self, name: str) -> Any:
        """A file of JSON. Raises TargetError when it is none."""
        try:
            return json.loads(self._source(name))
        except ValueError as error:
            raise TargetError(
                f"templates/{name} is not JSON: {error}",
                hint="compare it with the one that fvbuild ships",
            ) from error

    def fill(self, name: str, fields: Mapping[str, Any]) -> str:
        """A template filled in. Raises TargetError when it cannot be."""
        from jinja2 import TemplateError

        try:
            if name not in self._compiled:
                self._compiled[name] = self._env().from_string(self._source(name).decode())
            return self._compiled[name].render(fields)
        except (TemplateError, TypeError, ValueError, ArithmeticError) as error:
            raise TargetError(
                f"templates/{name} cannot be filled: {error}",
                hint="compare it with the one that fvbuild ships",
            ) from error

    def line(self, name: str, fields: Mapping[str, Any]) -> str:
        """A template filled in, in one line."""
        return " ".join(self.fill(name, fields).split())

    def _source(self, name: str) -> bytes:
        source = self.group(name.rpartition("/")[0]).get(name)
        if source is None:
            raise TargetError(f"there is no templates/{name}", hint="install fvbuild again")
        return source

    def _included(self, name: str) -> str | None:
        return self._source(name).decode() if name in self else None

    def _env(self) -> Environment:
        """A sandbox: a film's templates come from its repository, like any input."""
        if self._environment is None:
            from jinja2 import FunctionLoader, StrictUndefined
            from jinja2.sandbox import ImmutableSandboxedEnvironment

            self._environment = ImmutableSandboxedEnvironment(
                loader=FunctionLoader(self._included),
                undefined=StrictUndefined,
                autoescape=False,
                trim_blocks=True,
                lstrip_blocks=True,
            )
            self._environment.filters["sentence"] = sentence
        return self._environment


def sentence(clauses: str | Sequence[str | None]) -> str:
    """Words as a sentence: the clauses that say something, a capital, a full stop; or ""."""
    if not isinstance(clauses, str):
        clauses = ", ".join([clause for clause in clauses if clause])
    words = clauses.strip()
    if not words:
        return ""
    words = words[0].upper() + words[1:]
    return words if words.endswith(_ENDS) else words + "."
