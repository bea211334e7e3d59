"""What can make what: the targets of a film, or all that is installed here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from fvbuild.engine.digest import Json
from fvbuild.engine.target import Target
from fvbuild.errors import FilmBuildError
from fvbuild.report.listed import Installed, Listed, ListedKey, ListedModel, ListedProvider

if TYPE_CHECKING:
    from fvbuild.project.session import Project
    from fvbuild.targets.api.facts import ModelFacts, ProviderFacts
    from fvbuild.targets.api.place import Place
    from fvbuild.targets.api.target import ApiTarget


def of_film(project: Project, *, probe: bool = False) -> list[Listed]:
    """Every target that some node of the film is or may be made by; ``probe`` asks hosted ones."""
    listed: dict[str, Listed] = {}
    for node in project.graph:
        use = node.target
        if use is None:
            continue
        one = listed.get(use.name)
        if one is None:
            one = listed[use.name] = _described(use.name, use.settings, project.targets[use.name])
            one.identity = use.identity
        one.makes[node.kind] = one.makes.get(node.kind, 0) + 1
        if not one.about:
            _ask_itself(one, project.targets[use.name], probe=probe)
    for name, target in project.targets.hosted().items():
        if name not in listed:
            settings: dict[str, Json] = {"provider": project.targets.provider(name)}
            listed[name] = _described(name, settings, target)
    for name, reason in project.targets.absent.items():
        told = "; ".join(filter(None, (reason, project.targets.hints.get(name))))
        listed[name] = Listed(name, project.targets.provider(name), missing=told)
    hosted = project.targets.hosted()
    for name, one in listed.items():
        if name in hosted:
            _add_standing(one, hosted[name], probe=probe)
    return list(listed.values())


def installed() -> Installed:
    """The targets that are there by name alone, and every shipped provider with its models."""
    from fvbuild.project.surroundings import limits_folder
    from fvbuild.targets.api.known import known
    from fvbuild.targets.api.place import Place
    from fvbuild.targets.api.secrets import Secrets
    from fvbuild.targets.registry import create_target, hosted, providers

    targets = []
    for name in providers():
        try:
            targets.append(_described(name, {}, create_target(name)))
        except FilmBuildError as error:
            targets.append(Listed(name, name, missing=error.message))
    here = Path()
    place = Place(here, secrets=Secrets(folders=(here,)), limits_folder=limits_folder())
    cache = limits_folder().parent / "providers"
    facts = [known(name, here, cache) for name in hosted()]
    return Installed(targets, [_provider(each, place) for each in facts])


def _described(name: str, settings: Mapping[str, Json], target: Target) -> Listed:
    return Listed(
        name,
        str(settings.get("provider", name)),
        identity=target.identity,
        pool=target.pool,
        capabilities=target.capabilities,
    )


def _ask_itself(one: Listed, target: Target, *, probe: bool) -> None:
    """What a target that runs here has to say of itself."""
    if callable(about := getattr(target, "about", None)):
        one.about = about()
        if probe and callable(tried := getattr(target, "probe", None)):
            one.probe = tried()


def _add_standing(one: Listed, target: ApiTarget, *, probe: bool) -> None:
    from fvbuild.targets.api.standing import cost_in_words, probed

    model, values = target.chosen.model, target.chosen.values
    one.cost = cost_in_words(target.provider, model, values, _today())
    one.keys = tuple(
        replace(
            key,
            goes_to=tuple(dict.fromkeys(each.host for each in target.situation.elsewhere)),
            refused=tuple(each.entry for each in target.situation.elsewhere if not each.allowed),
        )
        for key in _keys(target.provider, target.place)
    )
    one.retired = _retired(model)
    if probe:
        standing = probed(target)
        one.probe = (standing.word, standing.message)


def _provider(facts: ProviderFacts, place: Place) -> ListedProvider:
    models = [
        ListedModel(
            id_,
            model.title,
            tuple(sorted(model.kinds)),
            _cost(facts, model),
            _retired(model),
        )
        for id_, model in facts.models.items()
    ]
    return ListedProvider(facts.name, facts.title, _keys(facts, place), tuple(models))


def _cost(facts: ProviderFacts, model: ModelFacts) -> str:
    from fvbuild.targets.api.standing import cost_in_words

    defaults = {name: setting.default for name, setting in model.settings.items()}
    return cost_in_words(facts, model, defaults, _today())


def _keys(facts: ProviderFacts, place: Place) -> tuple[ListedKey, ...]:
    from fvbuild.targets.api.granting import variables

    keys = []
    here = variables(facts.name, facts.secrets, place)
    for name, found in here.of.items():
        is_set = place.secrets.find(found) is not None
        # What is not granted is not looked at, and told by the name that its description has.
        shown = tuple(found) or (f"{here.refused[name]} (not granted)",)
        keys.append(ListedKey(shown, is_set, facts.key_optional, facts.get_key or ""))
    return tuple(keys)


def _retired(model: ModelFacts) -> str:
    """When it was or will be switched off, and what to use instead; "" where it stays."""
    retired = model.retired
    if retired is None:
        return ""
    today = _today()
    if retired.on is None:
        when = "retired"
    else:
        when = f"{'retired' if retired.on <= today else 'to be retired'} on {retired.on}"
    instead = f"use {retired.successor}" if retired.successor else retired.note
    return f"{when}; {instead}" if instead else when


def _today() -> str:
    return date.today().isoformat()
