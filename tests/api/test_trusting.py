"""A workspace file and a description come with a film: neither sends a key where nobody allowed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from test_granting import EVIL, KEY

from fvbuild.cli.main import entry
from fvbuild.errors import Exit, UsageError
from fvbuild.project import trusted
from fvbuild.targets.api.auth import Auth
from fvbuild.targets.api.load import load, shipped
from fvbuild.targets.api.place import Place, ProviderPlace
from fvbuild.targets.api.secrets import Secrets
from fvbuild.targets.api.trusting import Homes, UntrustedHostError, elsewhere, is_entry

HOSTED = """\
film: {title: Fork, size: 320x180}
targets: {hosted: {provider: openai, model: gpt-image-2}, first: {provider: sketch}}
use: {anchor: hosted}
shots: [a keeper climbs]
"""
OPENAI = Homes(
    "openai", ("https://api.openai.com/v1",), ("eu.openai.example", "*-x.openai.example")
)


@pytest.fixture
def fork(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "film.yaml").write_text(HOSTED)
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "user-cache"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "user-config"))
    monkeypatch.delenv("FVBUILD_TRUSTED_HOSTS", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def sends(folder: Path, host: str, field: str = "base_url") -> None:
    url = f"https://{host}"
    said = {"base_url": url} if field == "base_url" else {"hosts": {"cdn": url}}
    (folder / "fvbuild.yaml").write_text(json.dumps({"providers": {"openai": said}}))


def told(capsys: pytest.CaptureFixture[str]) -> str:
    both = capsys.readouterr()
    return " ".join((both.out + both.err).split())


def way(url: str, *, entries: tuple[str, ...] = (), homes: Homes = OPENAI) -> tuple[bool, str]:
    """Whether a key may go to a base URL, and what would allow it."""
    place = Place(Path(), {homes.provider: ProviderPlace(base_url=url)}, trusted=frozenset(entries))
    found = [each for each in elsewhere(homes, place) if not each.allowed]
    return not found, found[0].entry if found else ""


# --- which hosts ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "may"),
    [
        ("https://api.openai.com/v2", True),
        ("https://API.OpenAI.com:443/v1", True),
        ("https://eu.openai.example/v1", True),
        ("https://west-x.openai.example/v1", True),
        ("http://127.0.0.1:8080/v1", True),
        ("http://[::1]:8080", True),
        ("http://192.168.1.5", True),
        ("http://studio:8188", True),
        ("https://gateway.local", True),
        ("https://api.openai.com.evil.example/v1", False),
        ("https://api.openai.com.", False),
        ("http://api.openai.com/v1", False),
        ("https://api.openai.com:8443/v1", False),
        ("https://openai.com/v1", False),
        ("https://x.eu.openai.example", False),
        ("https://a.b-x.openai.example", False),
        ("https://-x.openai.example", False),
        ("https://8.8.8.8/v1", False),
        ("http://[::ffff:8.8.8.8]/v1", False),
        ("http://[2002:808:808::1]/v1", False),
        ("http://198.18.0.1", False),
        ("http://[fd00::5]:8080", True),
        ("https://api.openai.com@evil.example/v1", False),
        ("https://evil.example\\@api.openai.com/v1", False),
        ("https://evil.example/api.openai.com", False),
        ("https://api.openаi.com/v1", False),
    ],
)
def test_own_and_near_hosts_get_the_key_and_no_others(url: str, may: bool) -> None:
    assert way(url)[0] is may


@pytest.mark.parametrize(
    ("url", "entry_", "may"),
    [
        ("https://proxy.example/v1", "proxy.example", True),
        ("https://proxy.example/v1/mine", "proxy.example/v1/mine", True),
        ("https://proxy.example/v1/mine/openai", "proxy.example/v1/mine", True),
        ("https://proxy.example/v1/mine2", "proxy.example/v1/mine", False),
        ("https://proxy.example/v1/mine/../theirs", "proxy.example/v1/mine", False),
        ("https://proxy.example/v1/mine/%2e%2e/theirs", "proxy.example/v1/mine", False),
        ("https://proxy.example/v1/theirs", "proxy.example/v1/mine", False),
        ("https://a.proxy.example", "proxy.example", False),
        ("https://proxy.example:8443", "proxy.example", False),
        ("https://proxy.example:8443", "proxy.example:8443", True),
        ("http://proxy.example", "proxy.example", False),
    ],
)
def test_a_host_is_trusted_with_the_path_that_was_said(url: str, entry_: str, may: bool) -> None:
    assert way(url, entries=(entry_,))[0] is may


def test_the_entry_that_is_offered_is_the_narrowest_and_does_what_it_says() -> None:
    url = "https://gateway.example/v1/mine/openai/"
    _, offered = way(url)
    assert offered == "gateway.example/v1/mine/openai"
    assert is_entry(offered)
    assert way(url, entries=(offered,)) == (True, "")


def test_a_films_own_file_needs_the_whole_host() -> None:
    """Its requests may go to any path of it."""
    own = Homes("evil", ("https://gateway.example/v1/mine",), ("gateway.example",), shipped=False)
    here = Place(Path(), trusted=frozenset({"gateway.example/v1/mine"}))
    assert [each.entry for each in elsewhere(own, here) if not each.allowed] == ["gateway.example"]
    here = Place(Path(), trusted=frozenset({"gateway.example"}))
    assert [each for each in elsewhere(own, here) if not each.allowed] == []


def test_shipped_providers_go_nowhere_else() -> None:
    for name in shipped():
        description = load(name).description
        urls = (description.base_url, *description.hosts.values())
        assert elsewhere(Homes(name, urls), Place(Path())) == [], name


def test_without_a_word_of_the_user_the_headers_are_not_even_made() -> None:
    """Whatever asked for them: a build, a probe, a draft."""
    secrets = Secrets({"OPENAI_API_KEY": KEY})
    at = {"openai": ProviderPlace(hosts={"cdn": "https://evil.example"})}
    auth = Auth(load("openai").description, Place(Path(), at, secrets=secrets))
    with pytest.raises(UntrustedHostError) as caught:
        auth.headers()
    assert caught.value.exit_code == Exit.USAGE
    assert "OPENAI_API_KEY would go to evil.example" in caught.value.message
    assert KEY not in str(caught.value)


# --- the commands ---------------------------------------------------------------------------------


@pytest.mark.parametrize("field", ["base_url", "hosts"])
def test_a_build_refuses_before_anything_and_says_the_next_step(
    fork: Path, capsys: pytest.CaptureFixture[str], field: str
) -> None:
    sends(fork, "evil.example/v1", field)
    assert entry(["build"]) == Exit.USAGE
    said = told(capsys)
    assert "fvbuild.yaml: OPENAI_API_KEY would go to evil.example" in said
    assert "fvbuild targets --trust evil.example/v1" in said
    assert "FVBUILD_TRUSTED_HOSTS=evil.example/v1" in said
    assert KEY not in said
    assert not (fork / "out").exists()


def test_plans_and_lists_say_where_a_key_goes(
    fork: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sends(fork, "proxy.example/v1")
    assert entry(["plan"]) == 0
    assert "OPENAI_API_KEY would go to proxy.example, which is not known to be of openai" in told(
        capsys
    )
    assert entry(["targets"]) == 0
    assert "OPENAI_API_KEY is set, but may not go to proxy.example/v1" in told(capsys)
    assert entry(["targets", "--trust", "proxy.example/v1"]) == 0
    assert told(capsys) == "keys may go to proxy.example/v1"
    assert entry(["plan"]) == 0
    assert "target 'hosted': OPENAI_API_KEY goes to proxy.example" in told(capsys)
    assert entry(["targets"]) == 0
    assert "OPENAI_API_KEY is set; it goes to proxy.example" in told(capsys)
    assert entry(["targets", "--json"]) == 0
    (one,) = (t for t in json.loads(capsys.readouterr().out)["targets"] if t["target"] == "hosted")
    assert (one["keys"][0]["goes_to"], one["keys"][0]["refused"]) == (["proxy.example"], [])


def test_a_provider_at_home_is_not_spoken_of(
    fork: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert entry(["plan"]) == 0
    assert entry(["targets"]) == 0
    assert "goes to" not in told(capsys)


def test_a_probe_does_not_ask_it(fork: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sends(fork, "evil.example")
    assert entry(["targets", "--probe"]) == 0
    assert "answers not asked: OPENAI_API_KEY would go to evil.example" in told(capsys)


def test_what_needs_no_such_target_is_built_all_the_same(fork: Path) -> None:
    (fork / "film.yaml").write_text(HOSTED.replace("anchor: hosted", "anchor: sketch"))
    sends(fork, "evil.example")
    assert entry(["build"]) == 0


def test_a_target_that_only_a_fallback_would_ask_is_refused_as_well(
    fork: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (fork / "film.yaml").write_text(HOSTED.replace("anchor: hosted", "anchor: [first, hosted]"))
    sends(fork, "evil.example")
    assert entry(["build"]) == Exit.USAGE
    assert "evil.example" in told(capsys)


def test_a_film_that_grants_its_own_file_another_key_needs_the_users_word(
    fork: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Description and fvbuild.yaml both come from the fork."""
    (fork / "film.yaml").write_text(HOSTED.replace("provider: openai", "provider: ./evil.yaml"))
    (fork / "film.yaml").write_text(
        (fork / "film.yaml").read_text().replace("model: gpt-image-2", "model: m")
    )
    (fork / "evil.yaml").write_text(json.dumps({**EVIL, "regions": ["api.evil.example"]}))
    granted = {"evil": {"secrets": {"key": "secret://OPENAI_API_KEY"}}}
    (fork / "fvbuild.yaml").write_text(json.dumps({"providers": granted}))
    assert entry(["build"]) == Exit.USAGE
    assert "OPENAI_API_KEY would go to api.evil.example" in told(capsys)


def test_no_file_of_the_film_can_say_that_a_host_is_trusted(
    fork: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sends(fork, "evil.example")
    (fork / ".env").write_text("FVBUILD_TRUSTED_HOSTS=evil.example\n")
    (fork / "trusted-hosts").write_text("evil.example\n")
    assert entry(["build"]) == Exit.USAGE
    assert "evil.example" in told(capsys)


# --- what is written down -------------------------------------------------------------------------


def test_hosts_are_kept_with_the_user(fork: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert trusted.trust("https://Proxy.Example/v1/Mine/") == "proxy.example/v1/Mine"
    assert trusted.trust("other.example:443") == "other.example"
    assert trusted.trust("other.example") == "other.example"
    text = (fork / "user-config" / "fvbuild" / "trusted-hosts").read_text()
    assert text.splitlines()[1:] == ["proxy.example/v1/Mine", "other.example"]
    monkeypatch.setenv("FVBUILD_TRUSTED_HOSTS", "ci.example, https://Two.example/a")
    assert trusted.trusted_hosts() == {
        "proxy.example/v1/Mine",
        "other.example",
        "ci.example",
        "two.example/a",
    }
    assert trusted.distrust("other.example") == "other.example"
    with pytest.raises(UsageError, match="not among the hosts"):
        trusted.distrust("other.example")


@pytest.mark.parametrize(
    "host",
    [
        "",
        "*",
        "*.example",
        "example",
        "http://proxy.example",
        "a b.example",
        "a.example/../b",
        "#x",
    ],
)
def test_what_is_no_host_is_not_written_down(
    fork: Path, capsys: pytest.CaptureFixture[str], host: str
) -> None:
    assert entry(["targets", f"--trust={host}"]) == Exit.USAGE
    assert "is no host" in told(capsys)
    assert not (fork / "user-config").exists()
