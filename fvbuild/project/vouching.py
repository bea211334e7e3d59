"""The key that signs what this user, or this CI, makes; and whose takes count.

The private key is in the variable ``FVBUILD_SIGNING_KEY``, else in a file of the user's own
configuration folder; never in a project, where it would be published with it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from fvbuild.engine.shared import Anyone, Nobody, Signer, Trust
from fvbuild.errors import UsageError
from fvbuild.project.trusted import config_folder

VARIABLE = "FVBUILD_SIGNING_KEY"
_FILE = "signing-key"
_OWN_NAME = "yourself"


def signing_key_file() -> Path:
    """Where a user's private key lies."""
    return config_folder() / _FILE


def signing_key() -> str | None:
    """The private key of whoever builds here; None where there is none. Raises UsageError."""
    said = os.environ.get(VARIABLE, "").strip()
    if said:
        return said
    file = signing_key_file()
    try:
        return file.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            f"the signing key '{file}' cannot be read: {error}", hint=f"or set {VARIABLE}"
        ) from None


def make_signing_key() -> str:
    """Make a user's key and keep it; the signer that others are told. Raises UsageError where
    there is one: takes signed with it would count no more."""
    from fvbuild.stores.signing import new_signing_key, signer_of

    file = signing_key_file()
    key = new_signing_key()
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        opened = os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        raise UsageError(
            f"there is a signing key already: {file}",
            hint="fvbuild keys shows it; move the file away to begin with a new one",
        ) from None
    except OSError as error:
        raise UsageError(
            f"'{file}' cannot be written: {error.strerror}",
            hint=f"fvbuild keys new --stdout prints one for {VARIABLE}",
        ) from None
    with os.fdopen(opened, "w", encoding="ascii") as stream:
        stream.write(f"{key}\n")
    return signer_of(key)


def own_signer() -> str | None:
    """The public half of the key that signs here; None where there is none."""
    from fvbuild.stores.signing import signer_of

    key = signing_key()
    return None if key is None else signer_of(key)


def signer_here() -> Signer:
    """Signs what is made here, or leaves it unsigned where there is no key."""
    key = signing_key()
    if key is None:
        return Nobody()
    from fvbuild.stores.signing import KeySigner

    return KeySigner(key)


def trust_in(signers: Mapping[str, str] | None) -> Trust:
    """Whose takes count: the named signers' and one's own; everybody's where ``signers`` is None.

    ``signers`` maps what people are called to their public keys.
    """
    if signers is None:
        return Anyone()
    from fvbuild.stores.signing import TrustedSigners

    own = own_signer()
    return TrustedSigners({**({_OWN_NAME: own} if own else {}), **signers})
