"""What went wrong with a shared store, in our words: what, where, and the next step.

The library's messages may hold requests, settings and answers of strangers, so none of their words
is repeated; from them is only read which of the known things it was.
"""

from __future__ import annotations

import os
import re

from obstore import exceptions

from fvbuild.errors import RemoteError

_STATUS = re.compile(r"status(?: code)?:?\s+\"?(\d{3})")
_OS_ERROR = re.compile(r"\(os error (\d{1,5})\)")
_FULL = "is full"
_NO_STORE = "answers what makes no sense"
_NO_CREDENTIALS = "needs credentials, and the environment has none that serve"

_SIGNS = (
    ("Connection refused", "cannot be reached: connection refused"),
    ("dns error", "cannot be reached: there is no such host"),
    ("TimedOut", "does not answer in time"),
    ("operation timed out", "does not answer in time"),
    ("No space left", _FULL),
    ("Permission denied", "refuses: not allowed"),
    ("certificate", "cannot be trusted: its certificate is not accepted"),
    ("tcp connect error", "cannot be reached"),
    # Where machines of a cloud are asked who they are: nothing else gave any credentials.
    ("169.254.169.254", _NO_CREDENTIALS),
    ("metadata.google.internal", _NO_CREDENTIALS),
    ("Credential", _NO_CREDENTIALS),
    ("error sending request", "cannot be reached"),
    ("Received redirect", "is elsewhere: it sends us to another address or region"),
    ("body error", "broke off in the middle of an answer"),
    ("IncompleteMessage", "broke off in the middle of an answer"),
    ("Error decoding", _NO_STORE),
    ("invalid list response", _NO_STORE),
    ("invalid type:", _NO_STORE),
)
_STATUSES = {
    "400": "does not understand what it is asked (status 400)",
    "404": "has no such place (status 404)",
    "405": "takes no such request (status 405)",
    "413": "takes no file as large as that (status 413)",
    "429": "is asked too much at once (status 429)",
    "507": f"{_FULL} (status 507)",
}
_GO_ON = "builds go on without it; what they make waits, and 'fvbuild push' sends it later"


def as_remote_error(error: Exception, place: str, verb: str, name: str) -> RemoteError:
    """What is told of an error of the library while it was to ``verb`` (read, write, list, remove)
    an object of the store at ``place``."""
    what = _known(error) or _of_the_system(error, verb, name)
    if what is None:
        what = f"could not {verb} {name}, and gave no reason that is known"
    return RemoteError(f"the shared store {place} {what}", hint=_hint(error, what))


def _known(error: Exception) -> str | None:
    if isinstance(error, exceptions.PermissionDeniedError):
        return "refuses: not allowed (403)"
    if isinstance(error, exceptions.UnauthenticatedError):
        return "refuses: it does not know who asks (401)"
    if isinstance(error, exceptions.NotSupportedError):
        return "cannot do this"
    text = str(error)
    for words, told in _SIGNS:
        if words in text:
            return told
    status = _STATUS.search(text)
    if status is None:
        return None
    return _STATUSES.get(status[1], f"answers with status {status[1]}")


def _of_the_system(error: Exception, verb: str, name: str) -> str | None:
    """What the operating system said of a folder's files: its own words, which hold no secret."""
    number = _OS_ERROR.search(str(error))
    if number is None:
        return None
    return f"could not {verb} {name}: {os.strerror(int(number[1]))}"


def _hint(error: Exception, what: str) -> str:
    refused = (exceptions.PermissionDeniedError, exceptions.UnauthenticatedError)
    if isinstance(error, refused) or what == _NO_CREDENTIALS:
        return "credentials are read from the environment: docs/shared-store.md names the variables"
    if what == _NO_STORE:
        return f"does a store lie there? docs/shared-store.md says what it can be; {_GO_ON}"
    if _OS_ERROR.search(str(error)) and what.startswith("could not"):
        return f"look at that folder: somebody changed what is in it; {_GO_ON}"
    return _GO_ON
