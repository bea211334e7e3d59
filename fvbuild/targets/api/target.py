"""A hosted model as a target: a description, a model of it, and what a film has set.

Planning reads the description alone. The rest (HTTP, Jinja, JMESPath, Pillow) is imported by the
first take that is made.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Collection, Mapping
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from fvbuild.engine.action import Action, Made, Outcome
from fvbuild.engine.digest import Json, canonical
from fvbuild.engine.prices import scaled
from fvbuild.engine.target import Capabilities, Price
from fvbuild.errors import TargetError
from fvbuild.targets.api.abilities import abilities
from fvbuild.targets.api.chosen import choose
from fvbuild.targets.api.known import known
from fvbuild.targets.api.place import Place
from fvbuild.targets.api.prices import Bill, estimate
from fvbuild.targets.api.situation import Situation
from fvbuild.targets.api.ways import size_for
from fvbuild.targets.prompts import ASKED, Prompts, check_length

if TYPE_CHECKING:
    from fvbuild.engine.action import InputFile
    from fvbuild.targets.api.connect import Connection
    from fvbuild.targets.api.context import Fit
    from fvbuild.targets.api.description import Description
    from fvbuild.targets.api.facts import ProviderFacts
    from fvbuild.targets.api.media import Media
    from fvbuild.targets.api.results import Answer
    from fvbuild.targets.api.situation import Remark

_CHARS_A_TOKEN = 4
_USUAL_CANVAS = (1280, 720)


def create(
    name: str,
    settings: Mapping[str, Json],
    place: Place | None = None,
    provider: str = "",
    kinds: Collection[str] = (),
) -> ApiTarget:
    """The target ``name`` of a film, of a shipped provider or a file of the film's own.

    ``kinds`` are those that the film has it make. Raises SettingError when the settings are wrong,
    ManifestError when the provider's file is.
    """
    here = place or Place(Path())
    cache = here.limits_folder.parent / "providers" if here.limits_folder is not None else None
    facts = known(provider or name, here.film_folder, cache)
    return ApiTarget(name, facts, settings, here, kinds)


class ApiTarget:
    """Makes what the model of a described provider makes, each take paid for at most once."""

    def __init__(
        self,
        name: str,
        provider: ProviderFacts,
        settings: Mapping[str, Json],
        place: Place,
        kinds: Collection[str] = (),
    ) -> None:
        self.name = name
        self.provider = provider
        self.place = place
        self.chosen = choose(name, provider, settings, place.film_folder, kinds)
        self.prompts = Prompts(place.film_folder)
        self._today = date.today().isoformat()
        self.situation = Situation(name, provider, self.chosen, place, self._today)
        self._tokens: dict[str, tuple[int, int, int, int]] = {}
        self._ratios: dict[str, float] = {}

    @cached_property
    def description(self) -> Description:
        """All that is said of the provider; to read it takes long, and a plan does without."""
        from fvbuild.targets.api.load import load

        source = self.provider.path.name if self.provider.own else self.provider.name
        return load(source, self.provider.path.parent).description

    @cached_property
    def capabilities(self) -> Capabilities:
        """What the model can do, with these settings, in this place."""
        publishes = self.place.provider(self.pool).publish is not None
        takes_files = publishes or not self.chosen.model.needs_url
        return abilities(self.chosen.model, self.chosen.values, takes_files=takes_files)

    @cached_property
    def identity(self) -> Mapping[str, Json]:
        """Provider, model, and the settings that change what it makes: no host, price or limit."""
        said: dict[str, Json] = {"provider": self.provider.name, "model": self.chosen.id}
        if self.chosen.identity:
            said["settings"] = dict(self.chosen.identity)
        return said

    def identity_of(self, kind: str) -> Mapping[str, Json]:
        """The same with the templates that write its prompts for this kind."""
        return {**self.identity, **self.prompts.identity(kind)}

    @property
    def pool(self) -> str:
        """The provider: all its models share an account."""
        return self.provider.name

    @property
    def slots(self) -> int:
        """How many takes are worked at: a few more than the provider is asked for at once, so that
        none of its places is free while a result is fetched and looked at."""
        here = self.place.provider(self.provider.name)
        concurrency = here.concurrency or self.provider.concurrency
        return concurrency + max(1, concurrency // 4)

    @property
    def files(self) -> tuple[Path, ...]:
        """Files of the user's own that it is made of: its description, and what settings name."""
        own = (self.provider.path,) if self.provider.own else ()
        return (*own, *self.chosen.files)

    # --- what it costs ------------------------------------------------------------------------

    def price(self, kind: str, params: Mapping[str, Json]) -> Price:
        """What one take may cost by the rate card, its likely amount learnt from receipts."""
        tokens = self._tokens_of(kind, params) if kind in ASKED else None
        bill = Bill(kind, params, self.chosen.values, self._size_name(params), tokens)
        price = estimate(self.provider, self.chosen.model, bill, self._today)
        if not price.max:
            return price
        if kind not in self._ratios:
            self._ratios[kind] = self.place.receipts(self.provider.name, self.chosen.id, kind)
        return scaled(price, self._ratios[kind])

    def _size_name(self, params: Mapping[str, Json]) -> str:
        canvas = params.get("canvas")
        if not isinstance(canvas, list):
            return ""
        width, height = (side for side in canvas if isinstance(side, int))
        return size_for(self.chosen.model, (width, height), self.chosen.values).name

    def _tokens_of(self, kind: str, params: Mapping[str, Json]) -> tuple[int, int, int]:
        """About how many tokens a question takes: that of the first one, and the difference."""
        length = len(canonical(dict(params)))
        if kind not in self._tokens:
            first = self.prompts.tokens(kind, params)
            self._tokens[kind] = (length, first.input, first.output_likely, first.output_max)
        of_first, sent, likely, most = self._tokens[kind]
        return max(1, sent + (length - of_first) // _CHARS_A_TOKEN), likely, most

    def remarks(self) -> tuple[Remark, ...]:
        """Warnings for a plan; see :class:`fvbuild.targets.api.situation.Situation`."""
        return self.situation.remarks()

    def missing_keys(self) -> list[str]:
        """Environment variables that ought to be set and are not, as ``A or B``; never a value."""
        return self.situation.missing_keys()

    # --- making -------------------------------------------------------------------------------

    def make(self, action: Action) -> Outcome:
        """One take. Raises the target errors of its class, UnresolvedError and BudgetError."""
        from fvbuild.targets.api.connect import connect
        from fvbuild.targets.api.context import Contexts
        from fvbuild.targets.api.receipts import receipt
        from fvbuild.targets.api.wanted import Wanted

        connection = connect(self.description, self.place)
        contexts = Contexts(self.description, self.chosen, self.capabilities, self.prompts)
        told = contexts.tell(action, self._fit(connection, action))
        check_length(str(told.context["prompt"]), self.capabilities, action.node, self.chosen.id)
        call = self.description.calls[told.way.call]
        asked = told.asked
        answer = connection.run(
            Wanted(
                kind=action.kind,
                call=call,
                rules=(*call.outcomes, *self.description.outcomes),
                context=told.context,
                model=self.chosen.id,
                price=self.price(action.kind, action.params),
                resubmit_safe=(call.resubmit or self.description.resubmit) == "safe",
                seconds=told.seconds,
                receipt=lambda reply: receipt(
                    call.receipt,
                    reply,
                    self.provider,
                    self.chosen.model,
                    told.context,
                    self._today,
                ),
                note={"call": told.way.call},
                read=lambda text: text if asked is None else self.prompts.read(asked, text),
            ),
            action,
        )
        made = _made(action, answer)
        if asked is not None:
            made = Made("text/plain", text=made.text)
        return Outcome((made,), answer.cost, answer.provenance)

    def _fit(self, connection: Connection, action: Action) -> Fit:
        known = {"settings": self.chosen.values, "model": {"id": self.chosen.id}}
        takes = self.description.models[self.chosen.like].pictures

        def fit(given: InputFile, size: tuple[int, int] | None) -> Media:
            limits = takes
            if given.role == "edit" and size is not None:
                # What is made of it is often as large as it is, and paid for by the pixel.
                most = min(max(size), takes.max_side or max(size))
                limits = takes.model_copy(update={"max_side": most})
            return connection.picture(
                given,
                limits,
                action.folder / "sent",
                size=size,
                known=known,
                cancelled=action.cancelled,
            )

        return fit


def _made(action: Action, answer: Answer) -> Made:
    """The answer as an output; its file is linked out of the purchase's folder, which keeps it."""
    if answer.path is None:
        if answer.text is None:
            raise TargetError("the provider's answer holds nothing")
        return Made(answer.media_type, text=answer.text, facts=answer.facts)
    path = action.folder / answer.path.name
    path.unlink(missing_ok=True)
    try:
        os.link(answer.path, path)
    except OSError:
        shutil.copyfile(answer.path, path)
    return Made(answer.media_type, path=path, facts=answer.facts)
