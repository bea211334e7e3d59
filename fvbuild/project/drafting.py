"""Drafts a film from a story: a language model writes the shot list, ``check`` holds it to account.

What is asked is bought through the ledger of the folder's workspace: a build that is killed while
it waits goes on with the same answer, and ``fvbuild costs`` knows of it.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from fvbuild.engine.action import Action
from fvbuild.engine.bookkeeping import KeptPurchases
from fvbuild.engine.clock import SystemClock
from fvbuild.engine.digest import Json, of_value
from fvbuild.engine.disk import make_folder
from fvbuild.engine.entry import Slot
from fvbuild.engine.ledger import Ledger
from fvbuild.engine.purchase import Stage
from fvbuild.engine.purchase_files import PurchaseFiles
from fvbuild.engine.state import State
from fvbuild.engine.target import Price, Target
from fvbuild.errors import UsageError
from fvbuild.project import workspace
from fvbuild.project.draft_film import film_text
from fvbuild.project.unchanged import is_untrusted
from fvbuild.targets.registry import create_target

if TYPE_CHECKING:
    from fvbuild.targets.api.place import Place

FILM = "film.yaml"
REJECTED = "film.draft.yaml"
WRITERS = ("anthropic", "openai", "google")
"""Whom to ask where nobody is named: the first whose key is set."""

_KIND = "draft"
_FEWEST_SHOTS, _MOST_SHOTS = 3, 24


@dataclass(frozen=True, slots=True)
class Drafted:
    """A draft that was written. ``faults`` is empty where it is a film; ``asked`` counts requests.

    ``path`` is the film, or the draft that is none yet.
    """

    path: Path
    faults: str
    asked: int


class Drafting:
    """Drafts one film into a folder which has none."""

    def __init__(self, folder: Path, story: str, by: str | None = None) -> None:
        """``by``: ``provider/model`` or a provider. Raises UsageError for a story of nothing, a
        folder with a film, and when nobody can be asked."""
        self.folder = folder.resolve()
        self.story = story.strip()
        if not self.story:
            raise UsageError("the story is empty", hint='fvbuild draft my-film "A keeper ..."')
        if (self.folder / FILM).exists():
            raise UsageError(
                f"there is a film in '{folder}' already",
                hint="name another folder; nothing was overwritten",
            )
        self.workspace = workspace.find(self.folder / FILM, untrusted=is_untrusted())
        self.target = self._writer(by)

    # --- whom to ask ----------------------------------------------------------------------------

    def _writer(self, by: str | None) -> Target:
        if by is not None:
            provider, _, model = by.partition("/")
            return self._target(provider, model)
        for provider in WRITERS:
            target = self._target(provider, "")
            if not target.missing_keys():  # type: ignore[attr-defined]  # all writers are hosted
                return target
        raise UsageError(
            "no language model is named, and no key of one is set",
            hint="set ANTHROPIC_API_KEY, OPENAI_API_KEY or GEMINI_API_KEY, or name a model that "
            "needs none: --by openai-compatible/MODEL",
        )

    def _target(self, provider: str, model: str) -> Target:
        settings: dict[str, Json] = {"provider": provider, "model": model or _first_of(provider)}
        target = create_target(provider, settings, self._place)
        if "caption" not in target.capabilities.kinds:
            raise UsageError(
                f"{settings['model']} of {provider} writes no text",
                hint=f"name a language model: {', '.join(WRITERS)}",
            )
        return target

    @property
    def model(self) -> str:
        """Who is asked, in words."""
        said = self.target.identity
        return f"{said.get('model')} ({said.get('provider')})"

    def price(self) -> Price:
        """What it may cost: one request likely, two at most."""
        once = self.target.price(_KIND, self._params("", ""))
        return Price(once.min, once.likely, 2 * once.max, once.currency, once.known)

    # --- asking ---------------------------------------------------------------------------------

    def write(self, tell: Callable[[str], None]) -> Drafted:
        """Ask, check, have it put right once, and write the film.

        A draft that is no film even then is written beside it, under another name.
        """
        draft, faults, text, asked = "", "", "", 0
        try:
            for asked in (1, 2):
                draft = self._answer(self._params(draft, faults), asked)
                text = film_text(draft, self.model)
                faults = _faults(text)
                if not faults:
                    break
                if asked == 1:
                    tell("the draft has faults, and is sent back with them once")
        finally:
            self._ledger.close()
            self._state.close()
        path = self.folder / (REJECTED if faults else FILM)
        _write_new(path, text)
        return Drafted(path, faults, asked)

    def _params(self, draft: str, faults: str) -> Mapping[str, Json]:
        from fvbuild.film.vocabulary import built_in

        words = {"sizes": "size", "angles": "angle", "moves": "camera", "styles": "style"}
        return {
            "story": self.story,
            "draft": draft,
            "faults": faults,
            "shots": {"least": _FEWEST_SHOTS, "most": _MOST_SHOTS},
            **{name: [*built_in(field).words] for name, field in words.items()},
        }

    def _answer(self, params: Mapping[str, Json], number: int) -> str:
        self._ledger.start()
        maker = of_value(dict(self.target.identity_of(_KIND)))
        slot = Slot(
            _KIND, _KIND, of_value([maker, dict(params)]), number, _KIND, self.target.pool, maker
        )
        price = self.target.price(_KIND, params)
        with tempfile.TemporaryDirectory() as folder:
            made = self.target.make(
                Action(
                    _KIND,
                    _KIND,
                    params,
                    {},
                    Path(folder),
                    take=number,
                    purchases=KeptPurchases(self._ledger, slot, price),
                )
            )
        for entry in self._ledger.of_take(slot.key, slot.take):
            if entry.open:
                self._ledger.change(entry, Stage.COMMITTED)
        return made.outputs[0].text or ""

    # --- the place --------------------------------------------------------------------------------

    def _place(self) -> Place:
        from fvbuild.project.surroundings import place_of

        return place_of(self.folder, self.workspace, untrusted=is_untrusted())

    @cached_property
    def _state(self) -> State:
        make_folder(self.workspace.cache)
        return State(self.workspace.cache / "state.sqlite3")

    @cached_property
    def _ledger(self) -> Ledger:
        film = self.workspace.name_of(self.folder / FILM)
        return Ledger(self._state, PurchaseFiles(self.workspace.cache), SystemClock(), film)


def _first_of(provider: str) -> str:
    """The first model of a provider that writes captions."""
    from fvbuild.targets.api.load import load

    models = load(provider).description.models
    for name, model in models.items():
        if name != "*" and {"text", "caption"} & set(model.makes):
            return name
    raise UsageError(f"'{provider}' needs the name of a model", hint=f"--by {provider}/MODEL")


def _faults(text: str) -> str:
    """What ``check`` has against a film's text; empty for nothing."""
    from fvbuild.film.diagnostics import FilmFaults
    from fvbuild.film.load import load

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / FILM
        path.write_text(text, encoding="utf-8")
        try:
            load(path)
        except FilmFaults as faults:
            return str(faults)
    return ""


def _write_new(path: Path, text: str) -> None:
    """Write a file that was not there; what appeared meanwhile is left alone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.name == REJECTED:
        path.write_text(text, encoding="utf-8")
        return
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
            os.fsync(file.fileno())
    except FileExistsError:
        raise UsageError(f"'{path}' appeared meanwhile; nothing was overwritten") from None
