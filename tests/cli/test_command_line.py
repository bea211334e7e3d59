"""What the program says before any film is opened."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

from fvbuild import __version__
from fvbuild.cli import catalogue, guard
from fvbuild.cli.console import Console
from fvbuild.cli.main import entry
from fvbuild.cli.options import split
from fvbuild.engine.action import Money
from fvbuild.errors import Exit, FilmBuildError, UsageError

VERBS = sorted(catalogue.COMMANDS)
HEAVY = ("torch", "diffusers", "httpx", "av", "PIL", "pydantic", "rich", "watchfiles", "numpy")


def run(*words: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "fvbuild.cli.main", *words],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert entry(["--version"]) == 0
    assert capsys.readouterr().out == f"fvbuild {__version__}\n"


def test_version_imports_nothing_of_ours_but_the_entry() -> None:
    code = (
        "import sys; from fvbuild.cli.main import entry; entry(['--version']);"
        "print(*[m for m in sys.modules if m.startswith('fvbuild') or m in ('argparse', 're')])"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True
    )
    loaded = set(done.stdout.splitlines()[1].split()) - {"re"}  # site may import re itself
    assert loaded == {"fvbuild", "fvbuild.cli", "fvbuild.cli.main"}


def test_help_lists_every_command_and_no_other(
    capsys: pytest.CaptureFixture[str], snapshot: SnapshotAssertion
) -> None:
    assert entry(["--help"]) == 0
    told = capsys.readouterr().out
    assert told == snapshot
    assert all(f"\n  {verb}" in told for verb in VERBS)


@pytest.mark.parametrize("verb", VERBS)
def test_every_command_explains_itself_with_examples(
    verb: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert entry([verb, "--help"]) == 0
    told = capsys.readouterr().out
    assert f"usage: fvbuild {verb}" in told
    assert f"examples:\n  fvbuild {verb}" in told
    assert entry(["help", verb]) == 0
    assert capsys.readouterr().out == told


@pytest.mark.parametrize("verb", ["", *VERBS])
def test_help_imports_nothing_heavy(verb: str) -> None:
    words = [verb, "--help"] if verb else ["--help"]
    code = (
        "import sys; from fvbuild.cli.main import entry; "
        f"code = entry({words!r}); print(*sys.modules, file=sys.stderr); sys.exit(code)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {name.partition(".")[0] for name in done.stderr.split()}
    assert not loaded & set(HEAVY)


def test_without_a_command_the_help_is_told_as_an_error(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert entry([]) == Exit.USAGE
    told = capsys.readouterr()
    assert told.out == ""
    assert "usage: fvbuild" in told.err


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("bild", "build"),
        ("Plan", "plan"),
        ("render", "build"),
        ("aprove", "approve"),
        ("ls", "status"),
    ],
)
def test_a_wrong_command_gets_a_suggestion(
    typed: str, meant: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert entry([typed]) == Exit.USAGE
    told = capsys.readouterr()
    assert f"there is no command '{typed}'" in told.err
    assert f"did you mean 'fvbuild {meant}'?" in told.err
    assert told.out == ""


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["build", "--profle", "x"], "did you mean '--profile'?"),
        (["build", "--jobs", "0"], "'0' is not a number of jobs"),
        (["build", "--jobs", "many"], "'many' is not a number of jobs"),
        (["build", "--budget", "a lot"], "'a lot' is not an amount of money"),
        (["build", "--budget", "12 apples"], "'12 apples' is not an amount of money"),
        (["build", "--keep-going", "--fail-fast"], "not allowed with"),
        (["take", "a/b/anchor", "-n", "0"], "'0' is not a number of takes"),
        (["select", "a/b/anchor", "two"], "'two' is not the number of a take"),
        (["select", "2", "a/b/anchor"], "the node comes first: fvbuild select NODE N"),
        (["take", "2", "a/b/anchor"], "the node comes first: fvbuild take NODE -n N"),
        (["select", "a/b/anchor"], "required: N"),
        (["approve"], "required: GOAL"),
        (["check", "a", "b"], "'check' has no argument"),
        (["graph", "--format", "svg"], "invalid choice: 'svg'"),
        (["--jobs"], "no command is given"),
    ],
)
def test_a_wrong_word_is_one_clear_message(
    words: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert entry(words) == Exit.USAGE
    err = capsys.readouterr().err
    assert told in err
    assert err.startswith("error: ")
    assert "hint:" in err
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("words", "verb", "rest"),
    [
        (["build", "-f", "x"], "build", ["-f", "x"]),
        (["-f", "x", "build", "a"], "build", ["-f", "x", "a"]),
        (["--film=x", "-v", "plan"], "plan", ["--film=x", "-v"]),
        (["--profile", "build", "plan"], "plan", ["--profile", "build"]),
        (["-f"], None, ["-f"]),
    ],
)
def test_options_stand_before_or_after_the_verb(
    words: list[str], verb: str | None, rest: list[str]
) -> None:
    assert split(words) == (verb, rest)


@pytest.mark.parametrize("verb", ["plan", "build", "status", "graph", "verify", "watch", "check"])
def test_without_a_film_the_next_step_is_told(
    verb: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert entry([verb]) == Exit.USAGE
    err = capsys.readouterr().err
    assert "there is no film.yaml in this folder" in err
    assert "fvbuild init" in err
    assert list(tmp_path.iterdir()) == []


def test_a_film_one_folder_deeper_is_suggested(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "ferry").mkdir()
    (tmp_path / "ferry" / "film.yaml").touch()
    assert entry(["plan", "-f", str(tmp_path)]) == Exit.USAGE
    assert f"did you mean -f {tmp_path}/ferry?" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "money"),
    [
        ("12 USD", Money(12.0)),
        ("0.5eur", Money(0.5, "EUR")),
        ("USD 3", Money(3.0)),
        ("7", Money(7.0)),
    ],
)
def test_a_budget_is_read(text: str, money: Money) -> None:
    from fvbuild.cli.options import _money

    assert _money(text) == money


# --- when things go wrong -------------------------------------------------------------------------


def raising(error: BaseException, monkeypatch: pytest.MonkeyPatch) -> None:
    def dispatch(_words: list[str]) -> int:
        raise error

    monkeypatch.setattr(guard, "_dispatch", dispatch)


def test_an_error_is_told_with_place_and_hint(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    raising(UsageError("no such node", place="film.yaml:3:1", hint="fvbuild graph"), monkeypatch)
    assert entry(["plan"]) == Exit.USAGE
    assert capsys.readouterr().err == (
        "error: film.yaml:3:1: no such node\n  hint: fvbuild graph\n"
    )


def test_a_bug_is_told_shortly_and_kept_for_a_report(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    raising(ZeroDivisionError("oh"), monkeypatch)
    assert entry(["plan"]) == Exit.NODE_FAILED
    err = capsys.readouterr().err
    assert "this is a bug in fvbuild: ZeroDivisionError: oh" in err
    assert "Traceback" not in err
    (kept,) = tmp_path.glob("fvbuild-bug-*.txt")
    assert str(kept) in err
    assert "Traceback (most recent call last)" in kept.read_text()
    monkeypatch.setattr("tempfile.tempdir", None)


def test_a_traceback_is_shown_when_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FVBUILD_TRACEBACK", "1")
    raising(ZeroDivisionError("oh"), monkeypatch)
    with pytest.raises(ZeroDivisionError):
        entry(["plan"])


@pytest.mark.parametrize(
    ("error", "code", "told"),
    [
        (KeyboardInterrupt(), 130, "interrupted"),
        (PermissionError(13, "Permission denied", "/x"), 1, "cannot use '/x': Permission denied"),
        (MemoryError(), 1, "out of memory"),
        (BrokenPipeError(), 0, ""),
        (FilmBuildError("ended"), 1, "error: ended"),
    ],
)
def test_every_end_has_its_words_and_code(
    error: BaseException,
    code: int,
    told: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    raising(error, monkeypatch)
    monkeypatch.setattr(guard, "mute", lambda _stream: None)
    assert entry(["plan"]) == code
    assert told in capsys.readouterr().err


def test_a_reader_that_goes_away_is_quiet() -> None:
    done = subprocess.run(
        f"{sys.executable} -m fvbuild.cli.main --help | true; exit ${{PIPESTATUS[0]}}",
        shell=True,
        executable="/bin/bash",
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    assert done.returncode == 0


def test_a_full_disk_behind_stdout_is_told() -> None:
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full on this system")
    done = subprocess.run(
        f"{sys.executable} -m fvbuild.cli.main --help > /dev/full",
        shell=True,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == Exit.NODE_FAILED
    assert "No space left on device" in done.stderr
    assert "Traceback" not in done.stderr


def test_colours_are_only_for_terminals_that_want_them(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    def painted(**given: bool) -> bool:
        return Console(out=Terminal(), err=Terminal(), **given).style.color

    monkeypatch.setenv("TERM", "xterm")
    assert painted()
    assert not painted(no_color=True)
    assert not Console(out=io.StringIO(), err=io.StringIO()).style.color
    monkeypatch.setenv("TERM", "dumb")
    assert not painted()
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("NO_COLOR", "1")
    assert not painted()


@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-"])
def test_closed_streams_swallow_what_they_get(closed: str, tmp_path: Path) -> None:
    for words, code in (("--help", 0), ("plan", 2), ("build", 2), ("--version", 0)):
        done = subprocess.run(
            f"{sys.executable} -m fvbuild.cli.main {words} {closed}",
            shell=True,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == code
        assert "Traceback" not in done.stderr


def test_a_folder_that_is_gone_is_no_bug(tmp_path: Path) -> None:
    done = subprocess.run(
        f"mkdir {tmp_path}/x; cd {tmp_path}/x; rmdir ../x; "
        f"{sys.executable} -P -m fvbuild.cli.main build",
        shell=True,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == Exit.USAGE
    assert "there is no film.yaml" in done.stderr
