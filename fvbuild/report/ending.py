"""The end of a build in words: what was made and where it lies, what waits, what failed.

Two parts, for two streams: what was asked for (:func:`made`), and what a person must act on
(:func:`attention`), failures last.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path

from fvbuild.engine.events import Did, Reason, Report, Result
from fvbuild.report import words
from fvbuild.report.plan_json import spent
from fvbuild.report.reasons import plain
from fvbuild.report.style import Style, safe

_SHOWN = 12
_IDS_IN_COMMAND = 4


def nearby(path: str | os.PathLike[str]) -> str:
    """The shortest way to name a file from here: relative when it lies below, else absolute."""
    there = Path(path)
    try:
        return str(there.relative_to(Path.cwd()))
    except (ValueError, OSError):
        return str(there)


def made(report: Report, style: Style) -> Iterator[str]:
    """What was made, how long it took and where it is."""
    built, failed = report.count(Did.BUILT), report.count(Did.FAILED)
    skipped = report.count(Did.SKIPPED)
    if built or failed or report.interrupted:
        parts = [f"{built:,} built"] if built else []
        cutoff, reused = report.count(Did.CUTOFF), report.count(Did.REUSED)
        parts += [f"{cutoff:,} unchanged"] if cutoff else []
        parts += [f"{reused:,} reused"] if reused else []
        parts += [style.red(f"{failed:,} failed")] if failed else []
        parts += [f"{skipped:,} not made"] if skipped else []
        cost = spent(report)
        paid = f", {words.price(cost)} spent" if cost.max else ""
        word = "stopped" if report.interrupted else "unfinished" if failed or skipped else "done"
        told = ", ".join(parts) or "nothing built"
        took = words.seconds(report.seconds)
        yield f"{style.bold(safe(report.film))} {word}: {told} in {took}{paid}"
        if report.interrupted:
            yield "  what was made is kept: the next build goes on from here"
    elif skipped or report.count(Did.HELD):
        yield f"{style.bold(safe(report.film))}: nothing was made"
    else:
        yield f"{style.bold(safe(report.film))} is up to date"
    for path in report.shown[:_SHOWN]:
        yield f"  {safe(nearby(path))}"
    if len(report.shown) > _SHOWN:
        yield style.dim(f"  and {len(report.shown) - _SHOWN:,} more files")


def attention(
    report: Report,
    style: Style,
    command: str = "fvbuild",
    told: Collection[str] = (),
    where: Callable[[str], Sequence[Path]] = lambda _node: (),
) -> Iterator[str]:
    """What a person must look at; ``command`` begins the commands that are offered.

    ``told`` are notes that were given already while the build ran; ``where`` gives the files that
    show a node's result.
    """
    for note in dict.fromkeys(report.notes):
        if note not in told:
            yield f"{style.yellow('note:')} {safe(note)}"
    yield from _held(report, style, command)
    yield from _blocked(report, style)
    yield from _waiting(report, style, command, where)
    yield from _failed(report, style, command)


def _listed(results: Sequence[Result]) -> Iterator[str]:
    for result in results[:_SHOWN]:
        yield f"  {safe(result.node)}"
    if len(results) > _SHOWN:
        yield f"  and {len(results) - _SHOWN:,} more"


def _held(report: Report, style: Style, command: str) -> Iterator[str]:
    held = [result for result in report.results if result.action is Did.HELD]
    if not held:
        return
    yield style.yellow(f"held: {words.count(len(held), 'approved node')} kept as approved:")
    yield from _listed(held)
    goals = _goals([result.node for result in held], "status:held")
    yield f"  to make again: {command} build --refresh {goals}"
    yield f"  to let the film decide again: {command} release {goals}"


def _blocked(report: Report, style: Style) -> Iterator[str]:
    told: dict[str, list[str]] = {}
    skipped = {result.node for result in report.results if result.action is Did.SKIPPED}
    for result in report.results:
        if result.node not in skipped or skipped.intersection(result.because):
            continue  # made, or missing only because another is
        if result.reason not in (Reason.WAITS_FOR_APPROVAL, Reason.UPSTREAM_FAILED):
            why = "the build was stopped" if report.interrupted else plain(result.reason)
            told.setdefault(result.message or why, []).append(result.node)
    for message, nodes in told.items():
        yield f"{style.yellow('not made:')} {safe(words.some(nodes))}: {safe(message)}"


def _waiting(
    report: Report, style: Style, command: str, where: Callable[[str], Sequence[Path]]
) -> Iterator[str]:
    waiting = [
        result
        for result in report.results
        if result.action is Did.SKIPPED and result.reason is Reason.WAITS_FOR_APPROVAL
    ]
    if not waiting:
        return
    also = {result.node for result in waiting}
    approve = list(dict.fromkeys(n for r in waiting for n in r.because if n not in also))
    noun = words.count(len(waiting), "node waits", "nodes wait")
    yield style.yellow(f"waiting: {noun} for approval of {words.count(len(approve), 'node')}")
    for node in approve[:_SHOWN]:
        files = words.some([nearby(path) for path in where(node)])
        yield f"  {safe(node)}  {style.dim(safe(files))}".rstrip()
    if len(approve) > _SHOWN:
        yield f"  and {len(approve) - _SHOWN:,} more"
    kinds = sorted({node.rpartition("/")[2].partition("@")[0] for node in approve})
    goals = _goals(approve, " ".join(f"kind:{kind}" for kind in kinds))
    yield f"  next: look at them, then {style.bold(f'{command} approve {goals}')}"


def _goals(nodes: Sequence[str], selector: str) -> str:
    return " ".join(nodes) if nodes and len(nodes) <= _IDS_IN_COMMAND else selector


def _failed(report: Report, style: Style, command: str) -> Iterator[str]:
    failed = [result for result in report.results if result.action is Did.FAILED]
    if not failed:
        return
    stopped = sum(
        result.action is Did.SKIPPED and result.reason is Reason.UPSTREAM_FAILED
        for result in report.results
    )
    waiting = f", and {words.count(stopped, 'node')} could not be made for it" if stopped else ""
    yield style.red(f"failed: {words.count(len(failed), 'node')}{waiting}")
    reasons: dict[str, list[Result]] = {}
    for result in failed:
        reasons.setdefault(result.message.strip() or "no reason was given", []).append(result)
    for message, results in list(reasons.items())[:_SHOWN]:
        names = safe(words.some([result.node for result in results]))
        where = words.place(results[0].loc) if len(results) == 1 else ""
        yield f"  {style.bold(names)}  {style.dim(where)}".rstrip()
        yield from (f"    {line.strip()}" for line in safe(message).splitlines())
    if len(reasons) > _SHOWN:
        more = words.count(len(reasons) - _SHOWN, "other reason")
        yield f"  and {more} ({command} build --json lists all)"
