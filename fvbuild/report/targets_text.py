"""Targets and providers in text: what each can do, what it costs, and whether its key is set."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from fvbuild.engine.target import Capabilities
from fvbuild.report import words
from fvbuild.report.changes import identity
from fvbuild.report.listed import Installed, Listed, ListedKey, ListedModel, ListedProvider
from fvbuild.report.style import Style, safe

_STILLS = frozenset({"anchor", "boundary", "reference", "plate", "prop"})
_ANSWERS = {
    "answers": "yes",
    "keyless": "not asked",
    "untrusted": "not asked",
    "unauthorised": "it does not take the key",
    "unreachable": "it cannot be reached",
    "odd": "yes, with an error",
    "none": "not known",
}
_GROUPS = (
    ("texts", frozenset({"caption", "motion"})),
    ("pictures", _STILLS),
    ("clips", frozenset({"segment"})),
    ("speech", frozenset({"speech"})),
    ("sounds", frozenset({"ambience", "effect"})),
    ("music", frozenset({"music"})),
)


def targets(listed: Iterable[Listed], style: Style) -> Iterator[str]:
    """Every target in a few lines of its own."""
    for at, one in enumerate(listed):
        if at:
            yield ""
        provider = f"  {one.provider}" if one.provider != one.name else ""
        yield style.bold(safe(one.name)) + style.dim(safe(provider))
        if one.makes:
            made = ", ".join(words.count(n, kind, kind) for kind, n in sorted(one.makes.items()))
            yield f"  in this film  {made}"
        elif one.cost is not None:
            yield "  in this film  where another does not make it"
        if one.identity:
            yield f"  model         {safe(identity(one.identity))}"
        if one.missing:
            yield f"  {style.yellow('not here')}      {safe(one.missing)}"
        if one.retired:
            yield f"  {style.yellow('retired')}       {safe(one.retired)}"
        if one.capabilities is not None:
            yield f"  can make      {', '.join(sorted(one.capabilities.kinds))}"
            yield from _clips(one.capabilities)
            yield from _pictures(one.capabilities)
        for subject, words_of_it in one.about.items():
            yield f"  {safe(subject):<13} {safe(words_of_it)}"
        if one.cost is not None:
            yield f"  costs         {safe(one.cost) or 'unknown'}"
        for key in one.keys:
            yield f"  key           {_key(key, style)}"
        if one.probe is not None:
            yield _probed(*one.probe, style)


def _probed(word: str, message: str, style: Style) -> str:
    if word in ("works", "fails"):
        return f"  a short try   {safe(message) if word == 'works' else style.red(safe(message))}"
    told = _ANSWERS.get(word, word) + (f": {safe(message)}" if message else "")
    return f"  answers       {told if word in ('answers', 'none') else style.red(told)}"


def installed(found: Installed, style: Style) -> Iterator[str]:
    """Targets that need no model, then every provider with its models, a line each."""
    yield from targets(found.targets, style)
    for provider in found.providers:
        yield ""
        yield from _provider(provider, style)


def _provider(provider: ListedProvider, style: Style) -> Iterator[str]:
    title = f"  {provider.title}" if provider.title != provider.name else ""
    yield style.bold(safe(provider.name)) + style.dim(safe(title))
    for key in provider.keys:
        yield f"  key           {_key(key, style)}"
    width = min(40, max(len(model.id) for model in provider.models))
    for model in provider.models:
        yield f"  {safe(model.id):<{width}}  {_model(model, style)}"


def _model(model: ListedModel, style: Style) -> str:
    made = ", ".join(name for name, kinds in _GROUPS if kinds & set(model.kinds))
    if model.retired:
        return f"{made}; {style.yellow(safe(model.retired))}"
    return f"{made}; {safe(model.cost) or 'price unknown'}"


def _key(key: ListedKey, style: Style) -> str:
    variables = " or ".join(key.variables)
    if key.is_set:
        return f"{variables} is set" + _where(key, style)
    if key.optional:
        return f"{variables} is not set, and need not be"
    where = f"; keys are had at {key.get}" if key.get else ""
    return style.yellow(f"{variables} is not set") + safe(where)


def _where(key: ListedKey, style: Style) -> str:
    """Where a key goes, if that is not simply its provider's."""
    if key.refused:
        trust = " ".join(f"--trust {each}" for each in key.refused)
        told = style.yellow(f", but may not go to {', '.join(map(safe, key.refused))}")
        return f"{told}; to allow it: fvbuild targets {safe(trust)}"
    return f"; it goes to {', '.join(map(safe, key.goes_to))}" if key.goes_to else ""


def _clips(can: Capabilities) -> Iterator[str]:
    if "segment" not in can.kinds:
        return
    starts = [
        name
        for name, able in (
            ("a first frame", can.first_frame),
            ("a last frame", can.last_frame),
            ("text alone", can.text_to_video),
        )
        if able
    ]
    rate = f" at {can.rate_fps} fps" if can.rate_fps else ""
    least, most, step = can.frames
    yield (
        f"  clips         from {', '.join(starts) or 'nothing'}; {least} to {most:,} frames{rate}"
        + (f", in steps of {step}" if step > 1 else "")
    )


def _pictures(can: Capabilities) -> Iterator[str]:
    if can.references and can.kinds & (_STILLS | {"segment"}):
        yield f"  takes         {words.count(can.references, 'reference picture')}"
    if can.edits:
        what = "by a mask alone" if can.only_masks else "by a mask" if can.masks else "as a whole"
        yield f"  changes       a picture that it is given, {what}"
    if can.controls:
        yield "  follows       the lines, depths or pose of a picture"
