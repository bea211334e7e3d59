"""The commands on a film, as a person uses them."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path

import pytest
from telling import Tell

from fvbuild.errors import Exit
from fvbuild.targets import registry

Run = Callable[..., "subprocess.CompletedProcess[str]"]
Edit = Callable[[str, str], None]


def lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.strip()]


def test_a_first_plan_tells_what_would_be_made(run: Run, film: Path) -> None:
    done = run("plan")
    assert done.returncode == Exit.DONE
    assert done.stderr == ""
    assert done.stdout.startswith("Tiny\n")
    assert "pier/one" in done.stdout
    assert "not made yet" in done.stdout
    assert re.search(r"\d+ to build\.", done.stdout)
    assert not (film / "out").exists()
    assert run("plan", "--exit-code").returncode == Exit.CHANGES


def test_build_plan_edit_plan(run: Run, film: Path, edit: Edit) -> None:
    built = run("build")
    assert built.returncode == Exit.DONE, built.stderr
    assert "Tiny done" in built.stdout
    assert "  out/tiny.mp4" in built.stdout
    assert "built     pier/one/segment" in built.stderr
    assert (film / "out" / "tiny.mp4").stat().st_size > 0

    assert run("plan", "--exit-code").returncode == Exit.DONE
    again = run("build")
    assert again.stdout == "Tiny is up to date\n  out/tiny.mp4\n"
    assert again.stderr == ""
    assert run("build", "-q").stdout == "out/tiny.mp4\n"

    edit("pan left", "dolly in")
    planned = run("plan", "--exit-code")
    assert planned.returncode == Exit.CHANGES
    told = r"pier/one/segment +build: camera changed \(pan left -> dolly in\)  film.yaml:\d+"
    assert re.search(told, planned.stdout)

    edit("dolly in", "pan left")
    assert run("plan", "--exit-code").returncode == Exit.DONE


def test_plan_json_and_build_json_are_results_only(run: Run) -> None:
    planned = run("plan", "--json")
    plan = json.loads(planned.stdout)
    assert plan["film"] == "Tiny"
    assert plan["profile"] is None
    nodes = [step["node"] for step in plan["steps"]]
    assert nodes.index("pier/one/anchor") < nodes.index("pier/one/segment") < nodes.index("cut")

    built = run("build", "--json", "--events", "events.jsonl")
    report = json.loads(built.stdout)
    assert [step["node"] for step in report["steps"]] == nodes
    assert {step["action"] for step in report["steps"]} == {"built"}
    assert all(step["artifact"] for step in report["steps"])
    assert report["totals"]["built"] == len(nodes)
    assert "building Tiny" in built.stderr


def test_events_are_written_while_it_runs(run: Run, film: Path) -> None:
    run("build", "--events", "events.jsonl", "-q")
    events = [json.loads(line) for line in (film / "events.jsonl").read_text().splitlines()]
    names = [event["event"] for event in events]
    assert names[0] == "build_started"
    assert names[-1] == "build_finished"
    assert names.count("node_finished") == events[0]["nodes"]


def test_dry_run_is_the_plan(run: Run, film: Path) -> None:
    assert run("build", "--dry-run").stdout == run("plan").stdout
    assert not (film / "out").exists()


def test_a_goal_builds_no_more_than_it_needs(run: Run, film: Path) -> None:
    done = run("build", "pier/one/anchor")
    assert done.returncode == Exit.DONE
    assert (film / "out/pier/one/anchor.png").exists()
    assert not (film / "out/pier/one/segment.mp4").exists()
    wrong = run("build", "pier/one/ancor")
    assert wrong.returncode == Exit.USAGE
    assert "did you mean" in wrong.stderr


def test_takes_are_drawn_selected_and_decided_on(run: Run) -> None:
    assert run("build").returncode == Exit.DONE
    takes = json.loads(run("takes", "pier/one/anchor", "--json").stdout)
    (node,) = takes["nodes"]
    assert (takes["version"], node["chosen"], len(node["takes"])) == (1, 1, 2)
    drawn = run("take", "pier/one/anchor")
    assert drawn.returncode == Exit.DONE
    assert "3 takes" in drawn.stdout
    assert "selected pier/one/anchor (take 3)" in run("select", "pier/one/anchor", "3").stdout
    assert "pier/one/segment" in run("plan").stdout
    assert "approved pier/one/anchor" in run("approve", "pier/one/anchor").stdout
    assert re.search(r"pier/one/anchor +approved  take 3 of 3", run("status").stdout)
    assert "released pier/one/anchor" in run("release", "pier/one/anchor").stdout
    assert "rejected pier/one/anchor" in run("reject", "pier/one/anchor").stdout
    wrong = run("select", "pier/one/anchor", "9")
    assert wrong.returncode == Exit.USAGE
    assert wrong.stdout == ""


def test_an_approved_node_is_held_and_the_way_on_is_told(run: Run, edit: Edit) -> None:
    run("build", "-q")
    run("approve", "pier/two/anchor")
    edit("a rock", "a lighthouse")
    assert re.search(r"pier/two/anchor +held: approved, so kept although", run("plan").stdout)
    built = run("build")
    assert built.returncode == Exit.DONE
    assert "fvbuild build --refresh pier/two/anchor" in built.stderr


def test_what_waits_for_approval_is_listed_with_the_way_on(run: Run, edit: Edit) -> None:
    edit("size: 320x180}", "size: 320x180, approve: [anchor]}")
    built = run("build")
    assert built.returncode == Exit.WAITS_FOR_APPROVAL
    assert "Tiny unfinished" in built.stdout
    assert "pier/one/anchor  out/pier/one/anchor.png" in built.stderr
    told = lines(built.stderr)[-1]
    assert told == "  next: look at them, then fvbuild approve pier/one/anchor pier/two/anchor"
    assert run("approve", "pier/one/anchor", "pier/two/anchor").returncode == Exit.DONE
    assert run("build").returncode == Exit.DONE


def test_a_file_is_adopted(run: Run, film: Path) -> None:
    run("build", "-q")
    (film / "mine.png").write_bytes((film / "out/pier/two/anchor.png").read_bytes())
    adopted = run("adopt", "pier/one/anchor", "mine.png")
    assert adopted.returncode == Exit.DONE, adopted.stderr
    assert "adopted pier/one/anchor" in adopted.stdout
    missing = run("adopt", "pier/one/anchor", "none.png")
    assert (missing.returncode, missing.stdout) == (Exit.USAGE, "")
    assert "there is no file 'none.png'" in missing.stderr
    assert "warning" not in adopted.stderr
    swapped = run("adopt", "mine.png", "pier/one/anchor")
    assert swapped.returncode == Exit.USAGE
    assert "fvbuild adopt pier/one/anchor mine.png" in swapped.stderr
    several = run("adopt", "pier/one", "mine.png").stderr
    assert "means 2 nodes (pier/one/anchor, pier/one/segment)" in several


def test_an_adopted_picture_of_another_shape_is_told(run: Run, film: Path) -> None:
    from PIL import Image

    Image.new("RGB", (90, 160)).save(film / "tall.png")
    adopted = run("adopt", "pier/one/anchor", "tall.png")
    assert adopted.returncode == Exit.DONE
    assert "warning: tall.png is 90x160, and the film 320x180: another shape" in adopted.stderr


def test_a_take_that_is_not_drawn_says_why(run: Run, edit: Edit) -> None:
    run("build", "-q")
    run("approve", "pier/one/segment")
    edit("pan left", "dolly in")
    told = run("take", "pier/one/segment")
    assert "no take was drawn of pier/one/segment: its approved take is kept" in told.stderr
    assert "fvbuild release pier/one/segment, then draw" in told.stderr


def test_why_names_the_field_and_the_line(run: Run, edit: Edit) -> None:
    run("build", "-q")
    edit("pan left", "dolly in")
    why = run("why", "pier/one/segment").stdout
    assert "would be made: camera changed (pan left -> dolly in)" in why
    assert "film.yaml:9" in why
    assert "by pier/one/motion" in why
    data = json.loads(run("why", "pier/one/segment", "--json").stdout)
    assert data["causes"][0]["old"] == "pan left"
    assert data["because"] == ["pier/one/motion"]
    run("build", "-q")
    after = run("why", "pier/one/segment").stdout
    assert "made last because camera changed (pan left -> dolly in)" in after
    several = run("why", "pier/one")
    assert several.returncode == Exit.USAGE
    assert "pier/one/anchor" in several.stderr


@pytest.mark.parametrize("words", [["graph"], ["graph", "pier/two/anchor"]])
def test_graph_in_every_format(run: Run, words: list[str]) -> None:
    text = run(*words).stdout
    assert "anchor" in text
    assert "<- caption" in text
    data = json.loads(run(*words, "--json").stdout)
    known = {node["node"] for node in data["nodes"]}
    assert all(edge["node"] in known for node in data["nodes"] for edge in node["inputs"])
    dot = run(*words, "--format", "dot").stdout
    assert dot.startswith("digraph film {")
    assert dot.count("{") == dot.count("}")
    assert '"pier/two/caption" -> "pier/two/anchor"' in dot
    mermaid = run(*words, "--format", "mermaid").stdout
    assert mermaid.startswith("flowchart LR\n")
    assert mermaid.count("subgraph") == mermaid.count("  end\n")


def test_log_verify_gc_and_targets(run: Run, film: Path, edit: Edit) -> None:
    run("build", "-q")
    entries = json.loads(run("log", "--json").stdout)["entries"]
    assert {"pier/one/anchor", "cut"} <= {entry["node"] for entry in entries}
    assert lines(run("log", "--limit", "2").stdout)[-1].count("cut") == 1
    assert "all whole" in run("verify").stdout
    assert "Nothing was deleted" in run("gc").stdout or "Nothing to free" in run("gc").stdout
    assert "placeholder" in run("targets").stdout
    names = [one["target"] for one in json.loads(run("targets", "--json").stdout)["targets"]]
    assert "placeholder" in names
    damaged = json.loads(run("takes", "pier/two/anchor", "--json").stdout)["nodes"][0]["takes"][0]
    digest = damaged["artifact"]
    stored = film / "cache" / "artifacts" / digest[:2] / digest[2:]
    stored.chmod(0o644)
    stored.write_bytes(stored.read_bytes()[:-1] + b"?")
    verified = run("verify")
    assert verified.returncode == Exit.NODE_FAILED
    assert re.search(r"corrupt +pier/two/anchor", verified.stdout)


def test_mistakes_in_the_film_are_shown_on_stderr_also_under_json(run: Run, edit: Edit) -> None:
    edit("camera: pan left", "camra: pan left")
    for words in (["plan"], ["plan", "--json"], ["build"], ["status"]):
        done = run(*words)
        assert (done.returncode, done.stdout) == (Exit.USAGE, "")
        assert "film.yaml:9:" in done.stderr
        assert "camera" in done.stderr
        assert "Traceback" not in done.stderr


def test_check_tells_all_mistakes_at_once_those_of_profiles_too(run: Run, edit: Edit) -> None:
    good = run("check")
    assert (good.returncode, good.stderr) == (Exit.DONE, "")
    assert "film.yaml: " in good.stdout
    edit("scenes:", "profiles: {draft: {film: {szie: 64x36}}}\nscenes:")
    edit("camera: pan left", "camra: pan left")
    bad = run("check")
    assert bad.returncode == Exit.USAGE
    assert "did you mean 'size'?" in bad.stderr
    assert "did you mean 'camera'?" in bad.stderr
    assert "2 errors" in bad.stdout
    data = json.loads(run("check", "--json").stdout)
    assert (data["version"], data["errors"]) == (1, 2)
    assert data["diagnostics"][1]["line"] == 10


def test_check_reads_a_film_with_a_plug_in_once_a_profile(
    tell: Tell, edit: Edit, monkeypatch: pytest.MonkeyPatch
) -> None:
    from fvbuild.film import include

    point = EntryPoint("painter", "fvbuild.targets.placeholder:create", registry.GROUP)
    found = {registry.GROUP: EntryPoints([point])}
    monkeypatch.setattr(
        "importlib.metadata.entry_points", lambda group: found.get(group, EntryPoints())
    )
    edit("anchor: placeholder", "anchor: painter")
    read: list[str] = []
    tree = include.Files.tree

    def counted(files: include.Files, name: str) -> object:
        read.append(name)
        return tree(files, name)

    monkeypatch.setattr(include.Files, "tree", counted)
    assert tell("check").code == Exit.DONE
    assert read == ["film.yaml"] * 2  # for the names of its profiles, and for the film itself


def test_the_film_is_named_before_or_after_the_verb(run: Run, film: Path, tmp_path: Path) -> None:
    here = run("plan").stdout
    for words in (["-f", ".", "plan"], ["plan", "-f", "film.yaml"], [f"--film={film}", "plan"]):
        assert run(*words).stdout == here


# --- interrupts -----------------------------------------------------------------------------------

SLOW = """\
import sys, time
from fvbuild.targets.placeholder import Placeholder
quick = Placeholder.make
def slow(self, action):
    for _ in range(200):
        time.sleep(0.05)
        {check}
    return quick(self, action)
Placeholder.make = slow
from fvbuild.cli.main import entry
sys.exit(entry(["build"]))
"""


def slow_build(film: Path, *, heeds: bool) -> subprocess.Popen[str]:
    code = SLOW.format(check="action.check_cancelled()" if heeds else "pass")
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=film,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    for line in process.stderr:
        if "built" in line:
            break
    time.sleep(0.3)
    return process


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_stops_the_build_and_says_so(film: Path, number: int) -> None:
    process = slow_build(film, heeds=True)
    process.send_signal(number)
    out, err = process.communicate(timeout=30)
    assert process.returncode == Exit.INTERRUPTED
    assert "stopping: waiting for" in err
    assert "Traceback" not in err
    assert "Tiny stopped" in out


def test_a_second_interrupt_leaves_at_once(film: Path) -> None:
    process = slow_build(film, heeds=False)
    process.send_signal(signal.SIGINT)
    time.sleep(0.3)
    assert process.poll() is None
    begun = time.monotonic()
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)
    assert process.returncode == Exit.INTERRUPTED
    assert time.monotonic() - begun < 8, "what is being made takes ten seconds"


# --- watch ----------------------------------------------------------------------------------------


class Watched:
    """``fvbuild watch`` running, its two streams in one."""

    def __init__(self, film: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "fvbuild.cli.main", "watch"],
            cwd=film,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def until(self, words: str) -> str:
        assert self.process.stdout is not None
        told = ""
        impatient = threading.Timer(60, self.process.kill)
        impatient.start()
        for line in self.process.stdout:
            told += line
            if words in line:
                impatient.cancel()
                return told
        raise AssertionError(f"'{words}' was never said, but:\n{told}")

    def end(self) -> int:
        self.process.send_signal(signal.SIGINT)
        self.process.communicate(timeout=30)
        return self.process.returncode


def test_watch_builds_on_save_and_outlives_mistakes(film: Path, edit: Edit) -> None:
    watched = Watched(film)
    try:
        first = watched.until("waiting for a save")
        assert first.index("to build") < first.index("Tiny done")
        edit("pan left", "dolly in")
        second = watched.until("waiting for a save")
        assert "saved: film.yaml" in second
        assert "camera changed (pan left -> dolly in)" in second
        assert second.index("camera changed") < second.index("Tiny done")
        edit("action: a gull", "acton: a gull")
        assert "did you mean 'action'" in watched.until("waiting for a save")
        edit("acton: a gull", "action: a gull")
        assert "Nothing to do" in watched.until("waiting for a save")
    finally:
        assert watched.end() == Exit.INTERRUPTED


def test_a_film_that_is_gone_is_told_and_waited_for(film: Path, edit: Edit) -> None:
    watched = Watched(film)
    try:
        watched.until("waiting for a save")
        (film / "film.yaml").rename(film / "kept")
        told = watched.until("gone: film.yaml; going on when it is back")
        assert "error" not in told
        (film / "kept").rename(film / "film.yaml")
        assert "Nothing to do" in watched.until("waiting for a save")
        film.rename(film.with_name("elsewhere"))
        watched.until("going on when it is back")
        film.with_name("elsewhere").rename(film)
        edit("pan left", "dolly in")
        watched.until("camera changed (pan left -> dolly in)")
    finally:
        assert watched.end() == Exit.INTERRUPTED


def test_the_watch_is_not_woken_by_its_own_build(film: Path, edit: Edit) -> None:
    watched = Watched(film)
    try:
        watched.until("waiting for a save")
        time.sleep(1.0)
        edit("pan left", "dolly in")
        woken = watched.until("waiting for a save")
        assert woken.count("saved:") == 1
        assert "saved: film.yaml" in woken
    finally:
        watched.end()


# --- what is imported -----------------------------------------------------------------------------

MODULES = (
    "import sys; from fvbuild.cli.main import entry; code = entry({words!r});"
    "print(*sys.modules, file=sys.stderr); sys.exit(code)"
)


@pytest.mark.parametrize(
    "words", [["plan", "-q"], ["status"], ["graph"], ["why", "cut"], ["takes", "pier"], ["log"]]
)
def test_what_only_looks_imports_no_media_and_no_network(words: list[str], film: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", MODULES.format(words=words)],
        cwd=film,
        capture_output=True,
        text=True,
        check=False,
    )
    loaded = {name.partition(".")[0] for name in done.stderr.splitlines()[-1].split()}
    assert not loaded & {"torch", "diffusers", "httpx", "av", "PIL", "numpy", "rich", "watchfiles"}


def test_a_build_with_nothing_to_do_imports_almost_nothing(run: Run, film: Path) -> None:
    run("build", "-q")
    done = subprocess.run(
        [sys.executable, "-c", MODULES.format(words=["build"])],
        cwd=film,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )
    assert done.stdout == "Tiny is up to date\n  out/tiny.mp4\n"
    loaded = set(done.stderr.split())
    assert not loaded & {"argparse", "pydantic", "json", "dataclasses", "ruamel.yaml", "sqlite3"}


def test_watch_blames_nothing_on_spend_that_is_blocked_by_itself(film: Path, edit: Edit) -> None:
    edit(
        "use: {anchor: placeholder, segment: placeholder,",
        "targets: {omni: {provider: google, model: gemini-omni-1.2-flash}}\n"
        "use: {anchor: placeholder, segment: omni,",
    )
    edit("size: 320x180}", "size: 320x180, budget: {max: 1 USD}}")
    watched = Watched(film)
    try:
        told = watched.until("waiting for a save")
        assert "the price of its target, or of a fallback, is not known" in told
        assert "--spend" not in told and "would cost nothing" not in told
    finally:
        assert watched.end() == Exit.INTERRUPTED
