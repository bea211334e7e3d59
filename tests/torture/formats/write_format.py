"""Write down what this version keeps of a film: ``<version>/film.tar.gz`` beside this file, and in
``expected.json`` what it makes of it.

Run it once at every release (docs/reliability.md says how); what is there is never written again
for a version that is out. The film holds every kind of decision, takes that were bought, and a
purchase of which nobody knows what became of it.

    python tests/torture/formats/write_format.py [--again]
"""

from __future__ import annotations

import json
import os
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
for _name in ("api", "project"):
    sys.path.insert(0, str(HERE.parents[1] / _name))

from acme import CANARY, DESCRIPTION, Acme  # noqa: E402 - found by the path above
from films import Place, film  # noqa: E402
from odd_server import Say  # noqa: E402

from fvbuild import __version__  # noqa: E402
from fvbuild.errors import Exit  # noqa: E402
from fvbuild.project import Project  # noqa: E402

UNKNOWN = "s1/a1/anchor"
KEPT = ("film.yaml", "acme.yaml", "fvbuild.yaml", "film.lock", "film.draft.lock", "cache", "out")


def _film() -> dict[str, Any]:
    found = film(6)
    found["targets"] = {"hosted": {"provider": "./acme.yaml", "model": "m", "price": "0.5 USD"}}
    found["scenes"][0]["shots"][1]["use"] = {"anchor": "hosted"}
    found["scenes"][1]["shots"][1]["use"] = {"anchor": "hosted"}
    found["scenes"][0]["shots"][0]["dialogue"] = [{"speaker": "ann", "line": "You came back."}]
    found["profiles"] = {"draft": {"film": {"size": "32x18"}}}
    return found


def write(folder: Path) -> None:
    """Make the film, and decide and buy in it."""
    os.environ["ACME_KEY"] = CANARY
    acme = Acme()
    (folder / "acme.yaml").write_text(json.dumps({**DESCRIPTION}))
    url = {"base_url": f"{acme.server.url}/v1", "poll_every_s": 0.05}
    (folder / "fvbuild.yaml").write_text(json.dumps({"providers": {"acme": url}}))
    place = Place(folder, _film())
    report = place.build()
    project = place.project()
    assert project.exit_code(report) is Exit.DONE, report.results
    given = folder.parent / "mine.png"
    given.write_bytes((project.out / "s1/a0/anchor.png").read_bytes())
    project.draw("s0/a0/anchor", 2)
    project.select("s0/a0/anchor", 3)
    project.approve(["s0/a2/anchor"])
    project.reject(["s0/a2/segment"])
    project.adopt("s1/a0/anchor", given)
    project.draw("s1/a2/anchor", 1)
    project.state.close()
    place.build()
    # An approved take is held through an edit.
    place.shot(0, 2)["action"] = "somebody runs"
    place.save()
    place.build()
    draft = Project.open(folder, "draft")
    draft.build()
    draft.state.close()
    acme.surprise("POST jobs", Say(hang_up=True))
    project = place.project()
    report = project.draw(UNKNOWN, 1)
    assert project.exit_code(report) is Exit.UNRESOLVED, report.results
    project.state.close()


def seen(folder: Path, profile: str | None) -> dict[str, Any]:
    """What a version makes of a film: verdicts, decisions, money."""
    project = Project.open(folder, profile)
    try:
        lines, costs = project.lock.lines.values(), project.costs()
        takes = {
            line.node: [[t.n, t.artifact, t.origin, t.status] for t in line.takes] for line in lines
        }
        return {
            "plan": {step.node: step.action.value for step in project.plan().steps},
            "decisions": {
                line.node: [line.chosen, line.status, takes[line.node]] for line in lines
            },
            "unresolved": [purchase.node for purchase in project.unresolved()],
            "spent": [
                [line.name, [money.amount for money in line.amounts]] for line in costs.lines
            ],
        }
    finally:
        project.state.close()


def main() -> None:
    """Write the archive of this version."""
    archive = HERE / __version__ / "film.tar.gz"
    if archive.exists() and "--again" not in sys.argv:
        sys.exit(f"{archive} is there; --again writes it anew, for a version that is not out yet")
    archive.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "film"
        folder.mkdir()
        write(folder)
        expected = {str(profile): seen(folder, profile) for profile in (None, "draft")}
        (archive.parent / "expected.json").write_text(json.dumps(expected, indent=1) + "\n")
        with tarfile.open(archive, "w:gz", compresslevel=9) as tar:
            for each in KEPT:
                tar.add(folder / each, each, filter=_plain)
    print(f"{archive}: {archive.stat().st_size} bytes")


def _plain(entry: tarfile.TarInfo) -> tarfile.TarInfo | None:
    """Nothing of who wrote it, and nothing that every build makes for itself."""
    if entry.name.startswith(("cache/work", "cache/leases", "cache/unchanged")):
        return None
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    return entry


if __name__ == "__main__":
    main()
