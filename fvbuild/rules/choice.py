"""Which target makes a node: the first of its list that is there and can do what is asked."""

from __future__ import annotations

from collections.abc import Mapping

from fvbuild.engine.digest import Json, of_value
from fvbuild.engine.target import Capabilities, Target, TargetUse
from fvbuild.film.resolved import Film
from fvbuild.values import dataclass

PHRASED = ("size", "angle", "camera")
"""Fields whose words a pure text target is told the phrases of."""

_NOTHING = Capabilities(kinds=frozenset())


@dataclass(frozen=True, slots=True)
class Choice:
    """A target for a node, or the reason why there is none (``blocked``, then ``use`` is None).

    ``names`` were tried in order; a blocked choice still says what the first one would get.
    """

    use: TargetUse | None
    target: Target | None
    can: Capabilities
    blocked: str | None = None


@dataclass(frozen=True, slots=True)
class Ask:
    """What a node needs beside its kind: of a clip a start or end picture, or none; of a still a
    picture that is changed, and a mask, or one that is followed (``edit`` and ``control`` name the
    field that says so). ``alone``: it has no reference pictures to give."""

    start: bool = False
    end: bool = False
    bare: bool = False
    edit: str = ""
    mask: bool = False
    control: str = ""
    alone: bool = False

    def refusal(self, can: Capabilities) -> str | None:
        """Why a target that can do ``can`` is not able to."""
        if self.start and not can.first_frame:
            return "cannot start from a picture"
        if self.end and not can.last_frame:
            return "cannot end on a picture, which `last_frame` asks for"
        if self.bare and not can.text_to_video:
            return "needs a picture to start from, which `mode: direct` does not give"
        if self.edit and not can.edits:
            return f"changes no picture, which `{self.edit}: {{edit: ...}}` asks for"
        if self.mask and not can.masks:
            return f"takes no mask, which `{self.edit}: {{mask: ...}}` asks for"
        if self.edit and can.only_masks and not self.mask:
            return f"changes a picture only by a mask: `{self.edit}: {{mask: ...}}`"
        if self.control and not can.controls:
            return f"follows no picture, which `{self.control}: {{control: ...}}` asks for"
        if can.needs_references and self.alone and not self.edit:
            return "needs a reference picture: show a character, location or prop"
        if can.only_edits and not self.edit:
            return "only changes pictures, which `first_frame: {edit: ...}` would give it"
        return None


NOTHING_SPECIAL = Ask()


class Choices:
    """The targets of one film, asked once for each thing."""

    def __init__(
        self, film: Film, targets: Mapping[str, Target], absent: Mapping[str, str]
    ) -> None:
        """``absent``: targets the film names which are not there, and why."""
        self._film = film
        self._targets = targets
        self._absent = absent
        self._can: dict[str, Capabilities] = {}
        self._identity: dict[tuple[str, str], Mapping[str, Json]] = {}
        self._candidates: dict[tuple[str, tuple[str, ...], Ask], tuple[Choice, ...]] = {}

    def first(self, kind: str, names: tuple[str, ...], ask: Ask = NOTHING_SPECIAL) -> Choice:
        """The first target that can, or what stands in the way."""
        return self.all(kind, names, ask)[0]

    def all(self, kind: str, names: tuple[str, ...], ask: Ask) -> tuple[Choice, ...]:
        """Every target that can, in order of preference; one blocked choice if none can."""
        known = self._candidates.get((kind, names, ask))
        if known is None:
            known = self._candidates[kind, names, ask] = tuple(self._find(kind, names, ask))
        return known

    def _find(self, kind: str, names: tuple[str, ...], ask: Ask) -> list[Choice]:
        able, refusals = [], []
        for at, name in enumerate(names):
            refusal = self._refusal(kind, name, ask)
            if refusal is None:
                others = names[at + 1 :]
                if (
                    ask.edit or ask.control
                ):  # one that ignores the picture would show something else
                    others = tuple(n for n in others if self._refusal(kind, n, ask) is None)
                use = self._use(kind, name, others)
                able.append(Choice(use, self._targets[name], self._capabilities(name)))
            else:
                refusals.append(refusal)
        if able:
            return able
        why = "; ".join(refusals) if refusals else "no target makes it"
        return [Choice(None, None, _NOTHING, f"{why}; set `use: {{{kind}: ...}}` to one that can")]

    def _refusal(self, kind: str, name: str, ask: Ask) -> str | None:
        if name not in self._targets:
            return self._absent.get(name) or f"target '{name}' is not installed"
        can = self._capabilities(name)
        if kind not in can.kinds:
            return f"target '{name}' makes no {kind}"
        refusal = ask.refusal(can)
        return f"target '{name}' {refusal}" if refusal else None

    def _capabilities(self, name: str) -> Capabilities:
        can = self._can.get(name)
        if can is None:
            can = self._can[name] = self._targets[name].capabilities
        return can

    def _use(self, kind: str, name: str, fallbacks: tuple[str, ...]) -> TargetUse:
        target = self._targets[name]
        if (kind, name) not in self._identity:
            self._identity[kind, name] = self._identity_of(kind, name, target)
        declared = self._film.targets.get(name)
        return TargetUse(
            name,
            self._identity[kind, name],
            target.pool,
            fallbacks,
            declared.settings if declared is not None else {},
        )

    def _identity_of(self, kind: str, name: str, target: Target) -> Mapping[str, Json]:
        """A pure text also depends on what the vocabulary says of its words."""
        all_phrases = self._film.phrases
        phrases = {field: dict(all_phrases[field]) for field in PHRASED if field in all_phrases}
        if not (self._capabilities(name).pure and phrases):
            return target.identity_of(kind)
        return {**target.identity_of(kind), "vocabulary": of_value(phrases)}
