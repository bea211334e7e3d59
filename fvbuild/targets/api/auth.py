"""Who we are to a provider: its secrets, found when they are first needed, as headers."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING

from fvbuild.errors import UnauthorisedError
from fvbuild.targets.api.granting import is_shipped, variables
from fvbuild.targets.api.hooks import AUTH
from fvbuild.targets.api.requests import can_be_header
from fvbuild.targets.api.trusting import Homes, elsewhere, refusal
from fvbuild.targets.api.values import render_text

if TYPE_CHECKING:
    from fvbuild.targets.api.description import Description
    from fvbuild.targets.api.place import Place
    from fvbuild.targets.api.secrets import Secret


# Tokens are good for half an hour and more.
_SIGNED_FOR_S = 600.0


class Auth:
    """The headers that show the key of one provider."""

    def __init__(self, description: Description, place: Place) -> None:
        self._description = description
        self._secrets = place.secrets
        self._variables = variables(description.provider, description.auth.secrets, place)
        self._elsewhere = [
            each for each in elsewhere(_homes(description), place) if not each.allowed
        ]
        self._last: tuple[float, Mapping[str, str], Mapping[str, str]] = (-_SIGNED_FOR_S, {}, {})

    def missing(self) -> list[str]:
        """The variables of which one ought to be set and none is, as ``A or B``."""
        return [
            " or ".join(self._variables.of[name]) or self._variables.refused[name]
            for name, secret in self._found().items()
            if secret is None
        ]

    def headers(self) -> Mapping[str, str]:
        """The headers, for the provider's own origins alone. Raises UnauthorisedError."""
        auth = self._description.auth
        found = self._found()
        if None in found.values():
            if auth.optional:
                return {}
            raise self._absent()
        if found and self._elsewhere:
            names = " and ".join(secret.name for secret in found.values() if secret is not None)
            raise refusal(self._description.provider, names, self._elsewhere)
        plain = {name: secret.reveal() for name, secret in found.items() if secret is not None}
        for secret in found.values():
            if secret is not None and not can_be_header(secret.reveal()):
                raise UnauthorisedError(
                    f"{secret.name} holds a character that no key has",
                    hint="copy it again: quotation marks or blanks of a web page came along",
                )
        if auth.hook is not None:
            return self._signed(auth.hook, plain)
        shown = auth.headers or {}
        filled = {name: render_text(text, {"secrets": plain}) for name, text in shown.items()}
        return {name: text for name, text in filled.items() if text is not None}

    def _signed(self, hook: str, plain: Mapping[str, str]) -> Mapping[str, str]:
        """Headers that a hook makes; they are hidden like keys, and so not made for every call."""
        made_s, used, headers = self._last
        if time.monotonic() - made_s > _SIGNED_FOR_S or used != plain:
            headers = AUTH[hook](plain)
            self._last = time.monotonic(), dict(plain), headers
            for value in headers.values():
                self._secrets.redactor.learn(hook, value.removeprefix("Bearer "))
        return headers

    def _found(self) -> Mapping[str, Secret | None]:
        return {name: self._secrets.find(each) for name, each in self._variables.of.items()}

    def _absent(self) -> UnauthorisedError:
        description = self._description
        if self._variables.problem:
            return UnauthorisedError(self._variables.problem, hint=self._variables.hint)
        where = f"; keys are had at {description.auth.get_key}" if description.auth.get_key else ""
        return UnauthorisedError(
            f"no key for {description.title or description.provider}: "
            f"{', '.join(self.missing())} is not set",
            hint=f"set it in the environment, or in a file .env beside the film{where}",
        )


def _homes(description: Description) -> Homes:
    urls = (description.base_url, *description.hosts.values())
    shipped = is_shipped(description.provider)
    return Homes(description.provider, urls, tuple(description.regions), shipped)
