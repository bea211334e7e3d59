"""What a film chose: the model of a target and its settings, checked against the description."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fvbuild.engine.digest import Json, content_of_file, of_value
from fvbuild.errors import SettingError
from fvbuild.film.paths import inside
from fvbuild.film.suggest import did_you_mean
from fvbuild.targets.api.price_words import key_of

if TYPE_CHECKING:
    from fvbuild.targets.api.facts import ModelFacts, ProviderFacts, SettingFacts

ANY_MODEL = "*"
_PRICE = "price"
_OF_EVERY_TARGET = ("dialect", "size", _PRICE)
"""Settings of every model, none of them in a key: how motions are written, which of its sizes it
draws at, and what it costs where the user knows better than its rate card."""

_AMOUNT = re.compile(r"\s*(\d+(?:\.\d+)?)\s+([A-Za-z]{3,})\s*")
_PER = ("per_take", "per_image", "per_second", "per_1k_chars")


@dataclass(frozen=True, slots=True)
class Chosen:
    """A model with the settings in effect. ``like`` is the id in the description it is taken from.

    ``values`` are the settings by name, defaults filled in, None where nothing is set; a file is
    its path. ``identity`` is what of them enters keys; ``files`` are what the film's target names.
    """

    id: str
    like: str
    model: ModelFacts
    values: Mapping[str, Any]
    identity: Mapping[str, Json]
    files: tuple[Path, ...] = ()


def choose(
    target: str,
    provider: ProviderFacts,
    settings: Mapping[str, Json],
    folder: Path,
    kinds: Collection[str] = (),
) -> Chosen:
    """The model and settings of a film's target.

    ``kinds`` are those that the film has it make: models of these are named where one is to be
    chosen. Raises SettingError for the first thing wrong.
    """
    given = dict(settings)
    models = provider.models
    id_, like = given.pop("model", None), given.pop("like", None)
    if id_ is None and len(models) == 1 and ANY_MODEL not in models:
        id_ = next(iter(models))
    if not isinstance(id_, str):
        raise SettingError(
            f"target '{target}': which model of {provider.name}?",
            "model" if id_ is not None else "",
            hint=f"model: {' | '.join(_listed(models, kinds))}",
        )
    known = _known(target, provider, (id_, like), kinds)
    model = models[known]
    if known != id_:
        model = replace(model, wire=id_)
        if like is not None:
            # When the one it is like ends, and what that costs, says nothing of this one.
            model = replace(model, retired=None, cards=())
    return _with_settings(target, (id_, known), model, given, folder)


def _listed(models: Mapping[str, ModelFacts], kinds: Collection[str]) -> list[str]:
    """Models to choose from: of these kinds if there are any, and none that is retired."""
    there = {id_: model for id_, model in models.items() if id_ != ANY_MODEL}
    living = [id_ for id_, model in there.items() if model.retired is None]
    fit = [id_ for id_ in living if there[id_].kinds >= frozenset(kinds)]
    some = [id_ for id_ in living if there[id_].kinds & frozenset(kinds)]
    return (fit or some or living)[:30]


def _known(
    target: str, provider: ProviderFacts, asked: tuple[str, Json], kinds: Collection[str]
) -> str:
    """The id under which the provider describes the model; asked for by id, and what it is like."""
    id_, like = asked
    models = provider.models
    if like is not None:
        if not isinstance(like, str) or like not in models:
            raise SettingError(
                f"target '{target}': `like` names a model that {provider.name} describes, "
                f"not '{like}'",
                "like",
                hint=did_you_mean(str(like), _listed(models, kinds)),
            )
        return like
    if id_ in models:
        return id_
    if ANY_MODEL in models:
        return ANY_MODEL
    listed = _listed(models, kinds)
    near = did_you_mean(id_, listed)
    hint = near or f"{provider.name} has {', '.join(listed)}"
    raise SettingError(
        f"target '{target}': {provider.name} has no model '{id_}' that is known here",
        "model",
        hint=f"{hint}; a newer one: `like: {listed[0] if listed else next(iter(models))}`, "
        "the known model that it is called like",
    )


def _with_settings(
    target: str, ids: tuple[str, str], model: ModelFacts, given: Mapping[str, Json], folder: Path
) -> Chosen:
    id_, known_as = ids
    if (price := given.get(_PRICE)) is not None:
        model = replace(model, cards=(_card(target, price),))
    known = [*model.settings, *_OF_EVERY_TARGET]
    for name in given:
        if name not in known:
            raise SettingError(
                f"target '{target}': {id_} has no setting '{name}'",
                name,
                named=True,
                hint=did_you_mean(name, known, otherwise="its settings: " + ", ".join(known)),
            )
    values: dict[str, Any] = {}
    identity: dict[str, Json] = {}
    files: list[Path] = []
    for name, setting in model.settings.items():
        value = given.get(name, setting.default)
        if value is None:
            if setting.required:
                raise SettingError(f"target '{target}': {id_} needs `{name}`", hint=setting.about)
            values[name] = None
            continue
        values[name] = value = _checked(target, name, setting, value)
        if setting.type == "file":
            values[name] = path = _file_in(folder, target, name, str(value))
            files.append(path)
            value = _digest_of(target, name, path)
        if setting.key:
            identity[name] = value
    for name in ("dialect", "size"):
        if (value := given.get(name)) is not None:
            values[name] = _of_every(target, name, model, value)
    return Chosen(id_, known_as, model, values, identity, tuple(files))


def _of_every(target: str, name: str, model: ModelFacts, value: Json) -> str:
    """``dialect`` is part of a motion's text and ``size`` of a canvas, so neither enters a key."""
    if not isinstance(value, str):
        raise SettingError(f"target '{target}': `{name}` is text, not {value!r}", name)
    sizes = model.sizes
    if name == "size" and value not in sizes:
        raise SettingError(
            f"target '{target}': it draws at no size '{value}'",
            name,
            hint=did_you_mean(value, sizes) if sizes else "leave `size` out",
        )
    return value


def _card(target: str, price: Json) -> dict[str, Any]:
    """``0.04 USD`` a take, or ``{per_second: 0.05 USD}``, as a rate card of all days."""
    amounts = {"per_take": price} if isinstance(price, str) else price
    card: dict[str, Any] = {"as_of": "0001-01-01"}
    for name, written in amounts.items() if isinstance(amounts, dict) else ():
        found = _AMOUNT.fullmatch(written) if isinstance(written, str) else None
        if found is None or name not in _PER or card.get("currency", found[2]) != found[2]:
            break
        card |= {name: float(found[1]), "currency": found[2]}
    else:
        if "currency" in card:
            return card
    raise SettingError(
        f"target '{target}': `price` is no price",
        _PRICE,
        hint=f"price: 0.04 USD (a take), or a mapping of {', '.join(_PER)}: "
        "{per_second: 0.05 USD}",
    )


def _file_in(folder: Path, target: str, name: str, written: str) -> Path:
    """A file of the film's, as all files of a film: it goes where the film goes."""
    relative = inside(written)
    if relative is None:
        raise SettingError(
            f"target '{target}': `{name}` '{written}' leads out of the film's folder",
            name,
            hint="copy the file into the film's folder, and name it from there",
        )
    return folder / relative


def _digest_of(target: str, name: str, path: Path) -> str:
    try:
        return content_of_file(path)
    except OSError as error:
        raise SettingError(
            f"target '{target}': `{name}`: '{path}' cannot be read: {error.strerror}",
            name,
            hint="the path is relative to the film",
        ) from None


def _checked(target: str, name: str, setting: SettingFacts, value: Json) -> Json:
    """The value, if it is one of this setting's. Raises SettingError."""
    if setting.values is not None:
        for each in setting.values:
            if key_of(each) == key_of(value):
                return each
        words = [key_of(each) for each in setting.values]
        raise SettingError(
            f"target '{target}': `{name}` cannot be '{key_of(value)}'",
            name,
            hint=did_you_mean(key_of(value), words),
        )
    wanted = setting.type or (
        "number" if setting.min is not None or setting.max is not None else None
    )
    if wanted is not None and not _is(wanted, value):
        message = f"target '{target}': `{name}` is {_ARTICLES[wanted]}, not {value!r}"
        raise SettingError(message, name)
    if isinstance(value, int | float) and not isinstance(value, bool):
        if setting.min is not None and value < setting.min:
            raise SettingError(f"target '{target}': `{name}` is at least {setting.min:g}", name)
        if setting.max is not None and value > setting.max:
            raise SettingError(f"target '{target}': `{name}` is at most {setting.max:g}", name)
    of_value(value)
    return value


_ARTICLES = {
    "text": "text",
    "whole": "a whole number",
    "number": "a number",
    "flag": "true or false",
    "file": "the path of a file",
    "json": "any value",
}


def _is(wanted: str, value: Json) -> bool:
    match wanted:
        case "text" | "file":
            return isinstance(value, str)
        case "whole":
            return isinstance(value, int) and not isinstance(value, bool)
        case "number":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case "flag":
            return isinstance(value, bool)
    return True
