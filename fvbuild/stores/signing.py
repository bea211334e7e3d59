"""Signatures under records: Ed25519 (RFC 8032), so that a take says who vouches for it.

A *signing key* is private and belongs to a person or a CI; a *signer* is its public half, the text
that ``fvbuild.yaml`` names. Both are one line: ``ed25519:`` or ``ed25519-private:`` and 32 bytes in
base64. The signature is over all of a record but itself (:meth:`Record.unsigned`): its recipe and
key, number, artifacts, cost and origin.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from fvbuild.engine.shared_record import Record
from fvbuild.errors import UsageError
from fvbuild.stores.extra import needs_extra

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

_PUBLIC = "ed25519:"
_PRIVATE = "ed25519-private:"
_KEY_BYTES = 32
_MAKE_ONE = "fvbuild keys new makes one"


def new_signing_key() -> str:
    """A fresh private key as text: keep it from everybody."""
    with needs_extra("sign takes"):
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return _PRIVATE + _text(Ed25519PrivateKey.generate().private_bytes_raw())


def signer_of(signing_key: str) -> str:
    """The public half of a private key. Raises UsageError, which never repeats the key."""
    return _PUBLIC + _text(_private(signing_key).public_key().public_bytes_raw())


def is_signer(text: str) -> bool:
    """Whether a text is a public key as :func:`signer_of` writes it."""
    raw = _bytes(text, _PUBLIC)
    return raw is not None and _PUBLIC + _text(raw) == text


class KeySigner:
    """Signs records with one private key."""

    def __init__(self, signing_key: str) -> None:
        """Raises UsageError when the text is no private key."""
        self._key = _private(signing_key)
        self.signer = signer_of(signing_key)

    def sign(self, record: Record) -> Record:
        """The record, vouched for."""
        named = replace(record, signer=self.signer, signature="")
        return named.signed(_text(self._key.sign(named.unsigned())))


class TrustedSigners:
    """Believes records that bear a good signature of somebody on a list.

    ``names`` maps what people call the signers to their public keys.
    """

    def __init__(self, names: Mapping[str, str]) -> None:
        self._names = {signer: name for name, signer in names.items()}

    def refusal(self, record: Record) -> str | None:
        """None when the record counts; else words that follow "takes"."""
        if not record.signer or not record.signature:
            return "that nobody signed"
        if record.signer not in self._names:
            return f"signed by {record.signer} (not in `trust:` of fvbuild.yaml)"
        if not _is_good(record):
            return f"whose signature is not that of {self._names[record.signer]}"
        return None


def _is_good(record: Record) -> bool:
    with needs_extra("check who signed takes"):
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    raw = _bytes(record.signer, _PUBLIC)
    try:
        signature = base64.b64decode(record.signature, validate=True)
        if raw is None:
            return False
        Ed25519PublicKey.from_public_bytes(raw).verify(signature, record.unsigned())
    except (InvalidSignature, ValueError):
        return False
    return True


def _private(signing_key: str) -> Ed25519PrivateKey:
    with needs_extra("sign takes"):
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    raw = _bytes(signing_key.strip(), _PRIVATE)
    if raw is None:
        raise UsageError("that is no signing key", hint=_MAKE_ONE)
    return Ed25519PrivateKey.from_private_bytes(raw)


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _bytes(text: str, prefix: str) -> bytes | None:
    if not text.startswith(prefix):
        return None
    try:
        raw = base64.b64decode(text.removeprefix(prefix), validate=True)
    except (binascii.Error, ValueError):
        return None
    return raw if len(raw) == _KEY_BYTES else None
