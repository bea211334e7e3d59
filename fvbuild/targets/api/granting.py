"""Which of the user's secrets a description may ask for: what is not shipped is not trusted.

A film comes from anywhere, and a provider's file of its own with it. Such a file may have what
``fvbuild.yaml`` grants it by name (``providers: {acme: {secrets: {key: secret://MY_KEY}}}``), and
unasked the variables that are called after it (``ACME_KEY``), but none that was meant for others.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fvbuild.targets.api.place import Place

_SHIPPED = Path(__file__).parent / "providers"
_VARIABLE = re.compile(r"\b[A-Z][A-Z0-9]*_[A-Z0-9_]*[A-Z0-9]\b")
_OF_OTHER_PROGRAMS = re.compile(
    r"AWS|AZURE|BITBUCKET|CI|CLOUDFLARE|DATABASE|DB|DOCKER|FVBUILD|GCP|GH|GIT|GITHUB|GITLAB|GOOGLE|"
    r"GPG|HEROKU|HF|KUBE|NPM|PG|PYPI|SLACK|SMTP|SSH|STRIPE|TWINE|UV|VAULT"
)
"""Names whose variables are there for other programs, so that being called so grants nothing."""


@cache
def is_shipped(provider: str) -> bool:
    """Whether a provider comes with the program; a file of the user's own cannot be called so."""
    return (_SHIPPED / f"{provider}.yaml").is_file()


def variables(provider: str, declared: Mapping[str, Sequence[str]], place: Place) -> Variables:
    """Where each secret of a description is looked for."""
    granted = place.provider(provider).secrets
    found: dict[str, tuple[str, ...]] = {}
    refused: dict[str, str] = {}
    for name, wanted in declared.items():
        if name in granted:
            found[name] = (granted[name],)
        elif is_shipped(provider):
            found[name] = tuple(wanted)
        else:
            found[name] = tuple(each for each in wanted if _is_its_own(each, provider, place))
            if not found[name]:
                refused[name] = wanted[0]
    return Variables(provider, found, refused)


class Variables:
    """The variables of a provider's secrets by their names in the description.

    ``refused`` are secrets of which every variable is somebody else's, with the first of these.
    """

    def __init__(
        self, provider: str, of: Mapping[str, Sequence[str]], refused: Mapping[str, str]
    ) -> None:
        self.of = of
        self.refused = refused
        self._provider = provider

    @property
    def problem(self) -> str:
        """What is refused, in words; "" where nothing is."""
        names = ", ".join(dict.fromkeys(self.refused.values()))
        if not names:
            return ""
        return f"{names} is not given to {self._provider}, a description beside the film"

    @property
    def hint(self) -> str:
        """What grants it."""
        each = ", ".join(f"{name}: secret://{said}" for name, said in self.refused.items())
        return (
            f"if you trust that file: `providers: {{{self._provider}: {{secrets: {{{each}}}}}}}` "
            f"in fvbuild.yaml; variables that begin with {_prefix(self._provider)} need no grant"
        )


def _is_its_own(variable: str, provider: str, place: Place) -> bool:
    """Whether a variable is called after the provider, and meant for no other."""
    prefix = _prefix(provider)
    if not variable.startswith(prefix) or _OF_OTHER_PROGRAMS.fullmatch(prefix.rstrip("_")):
        return False
    to_others = {
        each
        for name, other in place.providers.items()
        if name != provider
        for each in other.secrets.values()
    }
    return variable not in to_others and variable not in of_shipped()


def _prefix(provider: str) -> str:
    return re.sub(r"[^A-Z0-9]", "_", provider.upper()) + "_"


@cache
def of_shipped() -> frozenset[str]:
    """Every word of the shipped descriptions that could be a variable: rather too many than few."""
    files = _SHIPPED.glob("*.yaml")
    return frozenset(
        word for file in files for word in _VARIABLE.findall(file.read_text(encoding="utf-8"))
    )
