"""``store:`` in ``fvbuild.yaml``: the shared store, what is done with it, and whose takes count.

store:
  remote: s3://films/cache        # or gs://, az://, https://, file:///
  endpoint: https://s3.example.org
  region: eu-central-1
  read: true
  write: true                     # false; or: quarantine NAME
  materialize: final              # none, final, review, all
  trust: {ann: "ed25519:..."}
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fvbuild.engine.shared_quarantine import is_quarantine
from fvbuild.film.suggest import did_you_mean
from fvbuild.film.tree import Map
from fvbuild.project.records import DEFAULT_LEVEL, LEVELS
from fvbuild.project.section import At, Section, Wrong, hide
from fvbuild.stores.address import Address, AddressError, parse
from fvbuild.stores.signing import is_signer

_FIELDS = ("remote", "endpoint", "region", "read", "write", "materialize", "trust")
_STORE = "store: {remote: s3://films/cache}"
_TRUST = 'trust: {ann: "ed25519:..."}; fvbuild keys shows the line'
_WRITE = "write: true, write: false, or write: quarantine pr-17"
_QUARANTINE = "quarantine "


@dataclass(frozen=True, slots=True)
class StorePlace:
    """The shared store of a workspace.

    quarantine: the name of the one that is written to instead. trust: public keys by the names of
    those whose takes count; None: everybody's do.
    """

    address: Address
    read: bool = True
    write: bool = True
    quarantine: str = ""
    materialize: str = DEFAULT_LEVEL
    trust: Mapping[str, str] | None = None


def store_place(at: At) -> StorePlace:
    """Read the section. Raises Wrong."""
    if not isinstance(at.value, Map):
        raise Wrong("is a mapping with the field remote", _STORE)
    section = Section(at.sources, at.value, _FIELDS)
    endpoint = section.one("endpoint", _text) or ""
    region = section.one("region", _text) or ""
    if at.value.get("remote") is None:
        raise Wrong("needs the field remote", _STORE)
    address = section.one("remote", lambda each: _address(each, endpoint, region))
    writing = section.one("write", _writing)
    trust = dict(section.each("trust", _signer, _TRUST))
    return StorePlace(
        address or Address("file", "", "nowhere"),  # a fault was noted, and is raised later
        read=section.one("read", _truth) is not False,
        write=writing != "",
        quarantine=(writing or "").removeprefix(_QUARANTINE),
        materialize=section.one("materialize", level_of) or DEFAULT_LEVEL,
        trust=trust if at.value.get("trust") is not None else None,
    )


def _address(at: At, endpoint: str, region: str) -> Address:
    try:
        return parse(str(at.value), endpoint, region)
    except AddressError as error:
        hide(at)
        if endpoint:
            hide(At(at.sources, endpoint, at.position))
        raise Wrong(error.message, error.hint) from None


def _text(at: At) -> str:
    if not isinstance(at.value, str):
        raise Wrong("is text", _STORE)
    return at.value


def _truth(at: At) -> bool:
    if not isinstance(at.value, bool):
        raise Wrong("is true or false")
    return at.value


def _writing(at: At) -> str | None:
    """None: to the store itself; empty: not at all; else to a quarantine."""
    if isinstance(at.value, bool):
        return None if at.value else ""
    word = str(at.value)
    if not word.startswith(_QUARANTINE) or not is_quarantine(word.removeprefix(_QUARANTINE)):
        raise Wrong("is true, false, or the name of a quarantine", _WRITE)
    return word


def level_of(at: At) -> str:
    """How much is brought to be shown."""
    if at.value not in LEVELS:
        better = did_you_mean(str(at.value), LEVELS)
        raise Wrong(f"is one of {', '.join(LEVELS)}", better or "")
    return str(at.value)


def _signer(at: At) -> str:
    if not isinstance(at.value, str) or not is_signer(at.value):
        hide(at)
        raise Wrong("is a public key, as 'fvbuild keys' shows it", _TRUST)
    return at.value
