"""How a hosted model stands on this machine: its end, its keys and where they go, told by plans.

Nothing of it enters a key.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from fvbuild.targets.api.granting import is_shipped, variables
from fvbuild.targets.api.trusting import Elsewhere, Homes, UntrustedHostError, elsewhere, refusal

if TYPE_CHECKING:
    from fvbuild.targets.api.chosen import Chosen
    from fvbuild.targets.api.facts import ProviderFacts
    from fvbuild.targets.api.place import Place


class Remark(NamedTuple):
    """What a plan says about a target: it could be made, and yet something is to be known."""

    code: str
    message: str
    hint: str = ""


class Situation:
    """The model that one target of a film has chosen, in the place where the film is built."""

    def __init__(
        self, name: str, provider: ProviderFacts, chosen: Chosen, place: Place, today: str
    ) -> None:
        """``name`` is what the film calls the target; ``today`` is a day like 2026-11-20."""
        self._name = name
        self._provider = provider
        self._chosen = chosen
        self._place = place
        self._today = today

    def remarks(self) -> tuple[Remark, ...]:
        """Warnings for a plan: a model that is or will be switched off, what is not there or not
        granted here."""
        found = (self._retired(), self._misnamed(), self._keyless(), self._far(), self._away())
        return tuple(each for each in found if each is not None)

    def _retired(self) -> Remark | None:
        retired = self._chosen.model.retired
        if retired is None:
            return None
        what = f"target '{self._name}': {self._chosen.id} of {self._provider.name}"
        if retired.on is None:
            when = "is retired"
        elif retired.on <= self._today:
            when = f"was retired on {retired.on}"
        else:
            when = f"will be retired on {retired.on}"
        hint = f"use {retired.successor}" if retired.successor else retired.note or ""
        return Remark("retired", f"{what} {when}", hint)

    def _misnamed(self) -> Remark | None:
        """What ``fvbuild.yaml`` says under a name that is nobody's, most likely meant for it."""
        name, said = self._provider.name, self._place.providers
        target = f"target '{self._name}': fvbuild.yaml"
        other = None
        if said and name not in said and is_shipped(name):
            from fvbuild.film.suggest import nearest_word

            other = nearest_word(name, [each for each in said if not is_shipped(each)])
        if other is not None:
            return Remark(
                "workspace",
                f"{target} says something of '{other}', and nothing of '{name}'",
                f"if it is meant: `providers: {{{name}: ...}}`",
            )
        unasked = [each for each in self._place.provider(name).secrets if each not in self._secrets]
        if not unasked:
            return None
        what = f"{target} gives {name} a secret '{unasked[0]}', which it does not ask for"
        return Remark("workspace", what, f"its secrets: {', '.join(self._secrets) or 'none'}")

    @property
    def _secrets(self) -> Mapping[str, Sequence[str]]:
        return self._provider.secrets

    def _keyless(self) -> Remark | None:
        missing = self.missing_keys()
        if not missing:
            return None
        where = self._provider.get_key
        here = variables(self._provider.name, self._provider.secrets, self._place)
        if here.problem:
            return Remark("key", f"target '{self._name}': {here.problem}", here.hint)
        return Remark(
            "key",
            f"target '{self._name}': {' and '.join(missing)} is not set, "
            "so that it cannot be built",
            f"set it in the environment, or in a file .env beside the film"
            f"{f'; keys are had at {where}' if where else ''}",
        )

    def missing_keys(self) -> list[str]:
        """Environment variables that ought to be set and are not, as ``A or B``; never a value."""
        if self._provider.key_optional:
            return []
        here = variables(self._provider.name, self._provider.secrets, self._place)
        find = self._place.secrets.find
        return [
            " or ".join(names) or here.refused[name]
            for name, names in here.of.items()
            if find(names) is None
        ]

    def _far(self) -> Remark | None:
        """A film's own file does not say what is on this network; ``fvbuild.yaml`` does."""
        url = self._provider.local_url
        if (
            url is None
            or not self._provider.own
            or self._place.provider(self._provider.name).base_url
        ):
            return None
        name = self._provider.name
        return Remark(
            "local",
            f"target '{self._name}': {name} is a server of your own network at {url}, "
            "which fvbuild.yaml does not name, so that it is not asked",
            f"if it is: `providers: {{{name}: {{base_url: {url}}}}}` in fvbuild.yaml",
        )

    @cached_property
    def elsewhere(self) -> list[Elsewhere]:
        """The hosts, not known to be the provider's own, that would get its key; none without a
        key that is set."""
        provider = self._provider
        if not self._keys():
            return []
        homes = Homes(provider.name, provider.urls, provider.regions, not provider.own)
        return elsewhere(homes, self._place)

    def _keys(self) -> list[str]:
        """The variables that hold its keys here."""
        here = variables(self._provider.name, self._provider.secrets, self._place)
        found = [self._place.secrets.find(names) for names in here.of.values()]
        return [secret.name for secret in found if secret is not None]

    def refusal(self) -> UntrustedHostError | None:
        """Why nothing may be asked of it: its key would go where the user has not allowed it."""
        wrong = [each for each in self.elsewhere if not each.allowed]
        return refusal(self._provider.name, " and ".join(self._keys()), wrong) if wrong else None

    def _away(self) -> Remark | None:
        error = self.refusal()
        if error is not None:
            what = f"target '{self._name}': {error.message}, so that it cannot be built"
            return Remark("host", what, error.hint or "")
        described = self._provider.urls
        hosts = dict.fromkeys(each.host for each in self.elsewhere if each.url not in described)
        if not hosts:
            return None
        keys = " and ".join(self._keys())
        return Remark("host", f"target '{self._name}': {keys} goes to {', '.join(hosts)}")
