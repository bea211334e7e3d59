"""What leaves a quarantine: only what the lock names, what its bytes prove, and signed anew."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from fvbuild.engine.action import Artifact, Money
from fvbuild.engine.digest import Json, canonical, content
from fvbuild.engine.key import key_of
from fvbuild.engine.lock import LockLine, LockTake
from fvbuild.engine.memory_store import MemoryStore
from fvbuild.engine.shared import blob_name, exact_name, first_name, quarantined
from fvbuild.engine.shared_memory import MemoryShared
from fvbuild.engine.shared_promote import Promoter, leftovers
from fvbuild.engine.shared_quarantine import Quarantined, is_quarantine
from fvbuild.engine.shared_record import Record, parse
from fvbuild.engine.takes import Take, Trace
from fvbuild.errors import RemoteError, UsageError
from fvbuild.stores.signing import KeySigner, TrustedSigners, new_signing_key, signer_of

CI, STRANGER = new_signing_key(), new_signing_key()
TRUST = TrustedSigners({"ci": signer_of(CI)})
RECIPE = canonical({"kind": "segment", "motion": "she turns"})
KEY = key_of(RECIPE)
CLIP = b"a clip"
DIGEST = content(CLIP)
NODE = "pier/turn/segment"


def record(data: bytes = CLIP, n: int = 1, recipe: str = RECIPE) -> Record:
    output = Artifact(content(data), 10**9, "video/mp4", facts={"frames": 10**6, "evil": "yes"})
    take = Take(n, (output,), origin="veo", cost=Money(0.01), provenance={"said": "anything"})
    return Record(Trace(key_of(recipe), recipe, take), node="main/other/segment")


def line(*artifacts: str, key: str = KEY, drawn: int = 0) -> LockLine:
    takes = tuple(
        LockTake(at, artifact, "wan", Money(1.2), "made", drawn=drawn)
        for at, artifact in enumerate(artifacts, 1)
    )
    return LockLine(NODE, "segment", key, 1, "made", takes)


def put(shared: MemoryShared, of: Record, data: bytes = CLIP) -> None:
    """What a build in quarantine ``pr-17`` sends."""
    aside = Quarantined(shared, "pr-17")
    for output in of.take.outputs:
        aside.write(blob_name(output.digest), data)
    for name in of.names:
        aside.create(name, of.text())


def measure(kind: str, file: Path) -> Mapping[str, Json]:
    if file.read_bytes() == b"not a clip":
        raise UsageError("cannot be used for a node of the kind segment: no video")
    return {"frames": 96, "kind": kind}


def promoter(shared: MemoryShared) -> Promoter:
    return Promoter(shared, "pr-17", MemoryStore(), TRUST, KeySigner(CI), measure)


def test_what_the_lock_names_comes_out_signed_and_measured() -> None:
    shared = MemoryShared()
    put(shared, record())
    [done] = promoter(shared).promote([line(DIGEST)])
    assert (done.node, done.n, done.artifact, done.problem) == (NODE, 1, DIGEST, "")
    there = parse(shared.objects[exact_name(KEY, 1, DIGEST)])
    assert there is not None and TRUST.refusal(there) is None
    assert shared.objects[blob_name(DIGEST)] == CLIP
    assert shared.objects[first_name(KEY, 1)] == there.text()
    # The lock's word counts, or the bytes' own; nothing that the quarantine says besides.
    assert there.take.outputs[0].facts == {"take": 1, "frames": 96, "kind": "segment"}
    assert there.take.outputs[0].size_bytes == len(CLIP)
    assert (there.take.origin, there.take.cost) == ("wan", Money(1.2))
    assert there.take.provenance == {} and there.node == NODE


def test_a_take_that_no_lock_names_stays() -> None:
    shared = MemoryShared()
    put(shared, record())
    before = dict(shared.objects)
    assert list(promoter(shared).promote([line(content(b"another"))])) == []
    assert shared.objects == before


def test_other_bytes_than_the_name_says_stay() -> None:
    shared = MemoryShared()
    put(shared, record(), b"other bytes")
    [done] = promoter(shared).promote([line(DIGEST)])
    assert "other bytes" in done.problem
    assert not any(name.startswith(("ac/", "cas/")) for name in shared.objects)


def test_what_cannot_be_the_nodes_result_stays() -> None:
    shared = MemoryShared()
    put(shared, record(b"not a clip"), b"not a clip")
    [done] = promoter(shared).promote([line(content(b"not a clip"))])
    assert "no video" in done.problem
    assert not any(name.startswith(("ac/", "cas/")) for name in shared.objects)


def test_a_record_of_another_recipe_under_a_stolen_name_is_none() -> None:
    shared = MemoryShared()
    other = record(recipe=canonical({"kind": "segment", "motion": "she runs"}))
    put(shared, record())
    name = quarantined(exact_name(KEY, 1, DIGEST), "pr-17")
    shared.objects[name] = other.text()
    assert list(promoter(shared).promote([line(DIGEST)])) == []


def test_what_is_there_and_trusted_is_left_as_it_is() -> None:
    shared = MemoryShared()
    put(shared, record())
    mine = KeySigner(CI).sign(record()).text()
    shared.objects[exact_name(KEY, 1, DIGEST)] = mine
    [done] = promoter(shared).promote([line(DIGEST)])
    assert done.there
    assert shared.objects[exact_name(KEY, 1, DIGEST)] == mine


@pytest.mark.parametrize("squatter", [b"no record", KeySigner(STRANGER).sign(record()).text()])
def test_what_nobody_believes_does_not_stand_in_the_way(squatter: bytes) -> None:
    shared = MemoryShared()
    put(shared, record())
    shared.objects[exact_name(KEY, 1, DIGEST)] = squatter
    shared.objects[first_name(KEY, 1)] = squatter
    [done] = promoter(shared).promote([line(DIGEST)])
    assert not done.problem
    for name in (exact_name(KEY, 1, DIGEST), first_name(KEY, 1)):
        there = parse(shared.objects[name])
        assert there is not None and TRUST.refusal(there) is None


def test_the_first_take_that_is_trusted_stays_first() -> None:
    shared = MemoryShared()
    put(shared, record())
    first = KeySigner(CI).sign(record(b"made before")).text()
    shared.objects[first_name(KEY, 1)] = first
    list(promoter(shared).promote([line(DIGEST)]))
    assert shared.objects[first_name(KEY, 1)] == first


def test_a_take_that_a_merge_renumbered_is_found() -> None:
    shared = MemoryShared()
    put(shared, record(n=3))
    [done] = promoter(shared).promote([line(DIGEST, drawn=3)])
    assert not done.problem
    assert exact_name(KEY, 3, DIGEST) in shared.objects


def test_bytes_that_the_store_had_already_are_not_needed_in_the_quarantine() -> None:
    shared = MemoryShared()
    put(shared, record())
    shared.objects[blob_name(DIGEST)] = shared.objects.pop(quarantined(blob_name(DIGEST), "pr-17"))
    [done] = promoter(shared).promote([line(DIGEST)])
    assert not done.problem


def test_several_outputs_are_more_than_a_lock_vouches_for() -> None:
    shared = MemoryShared()
    one = record()
    outputs = (*one.take.outputs, Artifact(content(b"x"), 1, "image/png", "mask"))
    many = replace(one, trace=replace(one.trace, take=replace(one.take, outputs=outputs)))
    put(shared, many)
    [done] = promoter(shared).promote([line(DIGEST)])
    assert "several outputs" in done.problem


def test_a_store_that_is_down_ends_it() -> None:
    shared = MemoryShared()
    put(shared, record())

    def refuse(verb: str, _name: str) -> None:
        if verb == "stream":
            raise RemoteError("the store does not answer")

    shared.before = refuse
    with pytest.raises(RemoteError):
        list(promoter(shared).promote([line(DIGEST)]))


def test_a_build_in_quarantine_writes_nowhere_else(tmp_path: Path) -> None:
    shared = MemoryShared()
    shared.objects["cas/there"] = b"before"
    aside = Quarantined(shared, "pr-17")
    file = tmp_path / "file"
    file.write_bytes(b"1")
    aside.write("cas/there", b"evil")
    aside.write_file("cas/file", file)
    assert aside.create("ac/new", b"evil") and not aside.create("ac/new", b"evil")
    with pytest.raises(RemoteError):
        aside.delete(["cas/there"])
    assert shared.objects["cas/there"] == b"before"
    assert aside.read("cas/there") == b"before" and aside.read("ac/new") is None
    assert aside.has("cas/there") and aside.has("ac/new") and not aside.has("ac/other")
    assert [found.name for found in leftovers(shared, "pr-17")] == sorted(
        set(shared.objects) - {"cas/there"}
    )


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "a..b", "-x", "x" * 65, "a b"])
def test_a_quarantine_is_one_part_of_a_path(name: str) -> None:
    assert not is_quarantine(name)
    assert is_quarantine("pr-17")
