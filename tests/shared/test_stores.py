"""Every kind of store keeps the same promises, and tells its errors in our words alone."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from plain_server import PlainServer
from test_record import RECORD

from fvbuild.engine.digest import content
from fvbuild.engine.shared import Shared, blob_name
from fvbuild.engine.shared_memory import MemoryShared
from fvbuild.engine.shared_record import parse
from fvbuild.errors import RemoteError, UsageError
from fvbuild.stores.address import Address, AddressError
from fvbuild.stores.address import parse as address_of

pytest.importorskip("obstore", reason="needs the extra 'shared'")
from fvbuild.stores.connect import connect

BLOB = b"picture" * 5000
EXACT, FIRST = RECORD.names
Opened = Callable[[], Shared]


@pytest.fixture(autouse=True)
def _no_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith(("AWS_", "GOOGLE_", "AZURE_")):
            monkeypatch.delenv(name)


@pytest.fixture
def memory() -> Shared:
    return MemoryShared()


@pytest.fixture
def folder(tmp_path: Path) -> Shared:
    return connect(address_of(f"file://{tmp_path}/store"))


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Shared]:
    server = pytest.importorskip("moto.server").ThreadedMotoServer(port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAFORTESTS")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "nobody-may-see-this")
    import boto3

    url = f"http://{host}:{port}"
    boto3.client("s3", endpoint_url=url, region_name="us-east-1").create_bucket(
        Bucket=f"films-{port}"
    )
    yield connect(address_of(f"s3://films-{port}/cache", endpoint=url, region="us-east-1"))
    server.stop()


def served(flavour: str) -> Iterator[PlainServer]:
    server = PlainServer(flavour)
    yield server
    server.close()


@pytest.fixture
def web() -> Iterator[PlainServer]:
    yield from served("nginx")


@pytest.fixture
def plain(web: PlainServer) -> Shared:
    return connect(address_of(f"{web.url}/films"))


@pytest.fixture
def bazel() -> Iterator[Shared]:
    for server in served("bazel"):
        yield connect(address_of(server.url))


@pytest.fixture
def google(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shared]:
    for server in served("google"):
        account = {
            "gcs_base_url": server.url, "disable_oauth": True, "client_email": "",
            "private_key": "", "private_key_id": "",
        }  # fmt: skip
        (tmp_path / "account.json").write_text(json.dumps(account))
        monkeypatch.setenv("GOOGLE_SERVICE_ACCOUNT", str(tmp_path / "account.json"))
        monkeypatch.setenv("GOOGLE_ALLOW_HTTP", "true")
        yield connect(address_of("gs://films/cache"))


@pytest.fixture
def azure(monkeypatch: pytest.MonkeyPatch) -> Iterator[Shared]:
    for server in served("azure"):
        monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_NAME", "devstoreaccount1")
        monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_KEY", "bm9ib2R5LW1heS1zZWUtdGhpcw==")
        monkeypatch.setenv("AZURE_STORAGE_ENDPOINT", server.url)
        monkeypatch.setenv("AZURE_ALLOW_HTTP", "true")
        yield connect(address_of("az://films/cache"))


@pytest.fixture
def nginx(tmp_path: Path) -> Iterator[Shared]:
    """The real one, with the few lines that docs/shared-store.md asks for."""
    program = shutil.which("nginx")
    if program is None:
        pytest.skip("nginx is not installed")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (tmp_path / "films").mkdir()
    tmp_path.chmod(0o755)
    user = "user root;" if os.getuid() == 0 else ""
    (tmp_path / "nginx.conf").write_text(
        f"{user} pid {tmp_path}/pid; error_log {tmp_path}/errors; daemon off;"
        "events {} http { access_log off;"
        f" client_body_temp_path {tmp_path}/body; proxy_temp_path {tmp_path}/p;"
        f" fastcgi_temp_path {tmp_path}/f; uwsgi_temp_path {tmp_path}/u;"
        f" scgi_temp_path {tmp_path}/s; server {{ listen 127.0.0.1:{port}; root {tmp_path};"
        " location /films/ { dav_methods PUT DELETE; create_full_put_path on;"
        " client_max_body_size 0; } } }"
    )
    words = [program, "-e", f"{tmp_path}/errors", "-c", f"{tmp_path}/nginx.conf"]
    process = subprocess.Popen(words)
    for _ in range(200):
        with socket.socket() as reached:
            if reached.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.05)
    yield connect(address_of(f"http://127.0.0.1:{port}/films"))
    process.terminate()
    process.wait(10)


ALL = ("memory", "folder", "s3", "plain", "bazel", "nginx", "google", "azure")
EMULATED = ("google", "azure")
"""Our own emulator knows neither uploads in parts nor requests in batches."""
CONDITIONAL = ("memory", "folder", "s3", "google", "azure")


@pytest.fixture(params=ALL)
def store(request: pytest.FixtureRequest) -> Shared:
    found: Shared = request.getfixturevalue(request.param)
    return found


def test_what_is_written_is_read(store: Shared, tmp_path: Path) -> None:
    name = blob_name(content(BLOB))
    assert not store.has(name) and store.read(EXACT) is None
    with store.stream(name) as pieces:
        assert pieces is None
    (tmp_path / "file").write_bytes(BLOB)
    store.write_file(name, tmp_path / "file")
    store.write(EXACT, RECORD.text())
    assert store.has(name)
    with store.stream(name) as pieces:
        assert pieces is not None and b"".join(pieces) == BLOB
    assert parse(store.read(EXACT) or b"") == RECORD


@pytest.mark.parametrize("which", [name for name in ALL if name not in EMULATED])
def test_a_large_file_arrives_whole(
    which: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    store: Shared = request.getfixturevalue(which)
    data = os.urandom(1 << 20) * 21
    name = blob_name(content(data))
    (tmp_path / "file").write_bytes(data)
    store.write_file(name, tmp_path / "file")
    with store.stream(name) as pieces:
        assert pieces is not None and b"".join(pieces) == data


def test_writing_over_and_creating(store: Shared) -> None:
    other = RECORD.signed("c2ln").text()
    assert store.create(FIRST, RECORD.text())
    assert not store.create(FIRST, other)
    assert store.read(FIRST) == RECORD.text()
    store.write(FIRST, other)
    assert store.read(FIRST) == other


def test_what_is_too_large_to_be_ours_reads_as_empty(store: Shared) -> None:
    store.write(EXACT, RECORD.text())
    assert store.read(EXACT, 10) == b""


@pytest.mark.parametrize("which", CONDITIONAL)
def test_one_of_many_creates(which: str, request: pytest.FixtureRequest) -> None:
    from concurrent.futures import ThreadPoolExecutor

    store: Shared = request.getfixturevalue(which)
    assert store.conditional
    with ThreadPoolExecutor(8) as threads:
        won = list(threads.map(lambda n: store.create("claims/a/1", b"%d" % n), range(16)))
    assert sum(won) == 1
    assert store.read("claims/a/1") == b"%d" % won.index(True)


@pytest.mark.parametrize("which", CONDITIONAL)
def test_listing_and_deleting(which: str, request: pytest.FixtureRequest) -> None:
    store: Shared = request.getfixturevalue(which)
    for name in ("cas/a", "cas/b", "ac/c", "cash/d"):
        store.write(name, name.encode())
    assert {(f.name, f.size_bytes) for f in store.list("cas/")} == {("cas/a", 5), ("cas/b", 5)}
    if which == "azure":
        return
    store.delete(["cas/a", "cas/gone"])
    assert [found.name for found in store.list("cas/")] == ["cas/b"]


@pytest.mark.parametrize("which", ["plain", "bazel"])
def test_a_web_server_that_cannot_list_says_so(which: str, request: pytest.FixtureRequest) -> None:
    store: Shared = request.getfixturevalue(which)
    with pytest.raises(RemoteError, match="cannot list"):
        list(store.list("cas/"))


# --- errors, and what they may not say ------------------------------------------------------------


@pytest.mark.parametrize("status", [401, 403, 500])
def test_refusals_are_told_without_the_servers_words(web: PlainServer, status: int) -> None:
    web.refuse = dict.fromkeys(("GET", "HEAD", "PUT", "DELETE"), status)
    environment = {"FVBUILD_STORE_TOKEN": "s3cr3t-token", "FVBUILD_STORE_HOST": "127.0.0.1"}
    store = connect(address_of(web.url), environment)
    asks: list[Callable[[], object]] = [
        lambda: store.read(EXACT),
        lambda: store.write(EXACT, b"{}"),
    ]
    for ask in asks:
        with pytest.raises(RemoteError) as caught:
            ask()
        told = str(caught.value)
        assert "secret" not in told and "s3cr3t" not in told
        assert str(status) in told


def test_nobody_there_is_told_shortly_and_soon() -> None:
    began = time.monotonic()
    with pytest.raises(RemoteError, match="cannot be reached") as caught:
        connect(address_of("http://127.0.0.1:9/films")).has("cas/a")
    assert time.monotonic() - began < 15 and len(str(caught.value)) < 300


def test_credentials_go_to_the_host_they_are_for(web: PlainServer) -> None:
    given = {"FVBUILD_STORE_TOKEN": "token", "FVBUILD_STORE_HOST": "127.0.0.1"}
    connect(address_of(web.url), given).has("cas/a")
    assert web.headers["authorization"] == "Bearer token"
    for other in (
        {**given, "FVBUILD_STORE_HOST": "cache.example.org"},
        {"FVBUILD_STORE_TOKEN": "t"},
    ):
        connect(address_of(web.url), other).has("cas/a")
        assert "authorization" not in web.headers
    basic = {
        "FVBUILD_STORE_USER": "ann", "FVBUILD_STORE_PASSWORD": "pw",
        "FVBUILD_STORE_HOST": web.url.removeprefix("http://"),
    }  # fmt: skip
    connect(address_of(web.url), basic).has("cas/a")
    assert web.headers["authorization"] == "Basic YW5uOnB3"


def test_without_the_extra_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "obstore", None)
    with pytest.raises(UsageError) as caught:
        connect(address_of("s3://films"))
    assert "pip install 'fvbuild[shared]'" in str(caught.value)


# --- addresses ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("s3://films/cache/", "s3://films/cache"),
        ("gs://films", "gs://films"),
        ("az://films/a/b", "az://films/a/b"),
        ("https://cache.example.org:8443/x", "https://cache.example.org:8443/x"),
        ("http://192.168.1.5/x", "http://192.168.1.5/x"),
        ("http://studio.local", "http://studio.local"),
        ("file:///srv/films", "file:///srv/films"),
    ],
)
def test_addresses(text: str, told: str) -> None:
    assert address_of(text).url == told


@pytest.mark.parametrize(
    "text",
    [
        "", "films", "/srv/films", "ftp://films", "s3://", "s3://A B", "s3://films/../other",
        "s3://key:secret@films", "https://user:pw@host/x", "https://host/x?sig=secret",
        "https://host/x#y", "http://example.org/x", "http://8.8.8.8/x", "file://host/x", "file:///",
        "https:///x", "https://host:99999/x", "https://ho st/x", "https://host/a/../b",
    ],
)  # fmt: skip
def test_what_is_no_address_is_told_without_secrets(text: str) -> None:
    with pytest.raises(AddressError) as caught:
        address_of(text)
    assert "secret" not in caught.value.message and caught.value.hint


def test_an_endpoint_is_checked_as_well() -> None:
    assert address_of("s3://films", "http://localhost:9000", "eu-1") == Address(
        "s3", "films", "", "http://localhost:9000", "eu-1"
    )
    for wrong in ("localhost", "http://example.org", "https://u:p@host", "ftp://x"):
        with pytest.raises(AddressError):
            address_of("s3://films", wrong)
    with pytest.raises(AddressError):
        address_of("gs://films", "https://example.org")
