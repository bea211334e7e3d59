"""Kling's key is a pair; what is sent is a token signed with it (JWT, RFC 7519, HS256).

Signing one fixed header takes fewer lines than a dependency on a JWT library would; nothing is
verified here, which is what such libraries are careful about.
"""

from __future__ import annotations

import base64
import hmac
import json
import time
from collections.abc import Callable, Mapping

_LIVES_S = 1800
# The provider's clock may be a little behind.
_BACKDATED_S = 5


def kling_token(
    secrets: Mapping[str, str], wall_s: Callable[[], float] = time.time
) -> Mapping[str, str]:
    """The Authorization header of the secrets ``access`` and ``secret``, good for half an hour."""
    now = int(wall_s())
    claims = {"iss": secrets["access"], "exp": now + _LIVES_S, "nbf": now - _BACKDATED_S}
    signed = f"{_coded({'alg': 'HS256', 'typ': 'JWT'})}.{_coded(claims)}"
    signature = hmac.digest(secrets["secret"].encode(), signed.encode(), "sha256")
    return {"Authorization": f"Bearer {signed}.{_plain(signature)}"}


def _coded(value: Mapping[str, object]) -> str:
    return _plain(json.dumps(value, separators=(",", ":")).encode())


def _plain(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
