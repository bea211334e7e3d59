"""Draws out of a description what plans need of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from fvbuild.targets.api.description import Description
from fvbuild.targets.api.description_call import Way
from fvbuild.targets.api.description_model import FreeSizes, Lengths, Model, Setting
from fvbuild.targets.api.facts import (
    GROUPS,
    FreeSize,
    ModelFacts,
    ProviderFacts,
    Retirement,
    SettingFacts,
)

_DRAWN_FROM_WORDS = frozenset({"reference", "plate", "prop"})
"""Pictures that mostly have no other pictures to be drawn from."""


def facts_of(description: Description, path: Path, *, own: bool) -> ProviderFacts:
    """The facts of a description that was checked."""
    auth, credit = description.auth, description.credit
    amount, _, currency = (credit or "").partition(" ")
    return ProviderFacts(
        name=description.provider,
        title=description.title or description.provider,
        secrets={name: tuple(names) for name, names in auth.secrets.items()},
        key_optional=auth.optional,
        get_key=auth.get_key,
        local_url=description.base_url if description.local else None,
        concurrency=description.limits.concurrency,
        credit=(float(amount), currency) if credit else None,
        probes=description.probe is not None,
        urls=(description.base_url, *description.hosts.values()),
        regions=tuple(description.regions),
        models={id_: _model(description, model) for id_, model in description.models.items()},
        path=path,
        own=own,
    )


def ways_of(model: Model, kind: str) -> Sequence[Way]:
    """The ways of a kind, else of the group that it belongs to; none if it is not made."""
    group = next((name for name, kinds in GROUPS.items() if kind in kinds), "")
    for made in (kind, group):
        for name, ways in model.makes.items():
            if name == made:
                return [Way.model_validate({"call": ways})] if isinstance(ways, str) else ways
    return []


def _model(description: Description, model: Model) -> ModelFacts:
    kinds = frozenset(kind for made in model.makes for kind in GROUPS.get(made, (made,)))
    if model.capabilities.references_required:
        kinds -= _DRAWN_FROM_WORDS
    retired, sizes = model.retired, model.sizes
    free = sizes if isinstance(sizes, FreeSizes) else None
    return ModelFacts(
        title=model.title or "",
        wire=model.wire,
        kinds=kinds,
        billed=frozenset(_billed(description, model, kinds)),
        takes=model.capabilities.model_dump(),
        lengths=_lengths(model),
        fps=model.fps,
        sizes=tuple(sizes) if isinstance(sizes, list) else (),
        free_size=FreeSize(**free.model_dump()) if free is not None else None,
        pixels=model.pixels,
        max_chars=model.prompt.max_chars,
        max_tokens=model.prompt.max_tokens,
        needs_url=model.pictures.source == "url",
        settings={name: _setting(each) for name, each in model.settings.items()},
        dialect=model.dialect or "",
        cards=tuple(card.model_dump(exclude_none=True) for card in model.prices),
        retired=Retirement(**retired.model_dump()) if retired is not None else None,
    )


def _setting(setting: Setting) -> SettingFacts:
    return SettingFacts(
        values=tuple(setting.values) if setting.values is not None else None,
        type=setting.type,
        min=setting.min,
        max=setting.max,
        default=setting.default,
        required=setting.required,
        key=setting.key,
        about=setting.about,
    )


def _billed(description: Description, model: Model, kinds: Iterable[str]) -> Iterable[str]:
    """The kinds for which some rule says that a refusal is charged for."""
    for kind in kinds:
        calls = [description.calls[way.call].outcomes for way in ways_of(model, kind)]
        rules = [rule for each in (*calls, description.outcomes) for rule in each]
        if any(rule.then == "refused" and rule.billed for rule in rules):
            yield kind


def _lengths(model: Model) -> tuple[float, ...]:
    lengths = model.seconds
    if lengths is None:
        return ()
    if not isinstance(lengths, Lengths):
        return tuple(sorted(lengths))
    count = int((lengths.max - lengths.min) / lengths.step + 1e-9)
    return tuple(round(lengths.min + at * lengths.step, 6) for at in range(count + 1))
