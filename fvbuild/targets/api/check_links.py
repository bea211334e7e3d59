"""Checks what the parts of a description say of each other: names that refer, and what lacks."""

from __future__ import annotations

from collections.abc import Iterator

from jinja2 import TemplateError

from fvbuild.errors import TargetError
from fvbuild.film.suggest import did_you_mean
from fvbuild.targets.api.check_texts import Fault, Path, Written, filters_used, written
from fvbuild.targets.api.description import Description
from fvbuild.targets.api.description_base import EXPRESSION, JINJA
from fvbuild.targets.api.description_call import Call, Request
from fvbuild.targets.api.description_model import Model, Setting
from fvbuild.targets.api.description_price import By, PriceCard, Tokens
from fvbuild.targets.api.facts import GROUPS
from fvbuild.targets.api.price_words import BY_OTHERS, key_of

_CLIP = "segment"


def links(description: Description) -> Iterator[Fault]:
    """Every fault that no single part shows."""
    yield from _addresses(description)
    yield from _requests(description)
    for name, call in description.calls.items():
        yield from _call(description, call, ("calls", name))
    for name, model in description.models.items():
        yield from _model(description, model, ("models", name))


def _addresses(description: Description) -> Iterator[Fault]:
    urls = {("base_url",): description.base_url}
    urls |= {("hosts", name): url for name, url in description.hosts.items()}  # type: ignore[misc]  # paths of two lengths
    for path, url in urls.items():
        if url.startswith("http:") and not description.local:
            yield Fault(
                path,
                "http sends keys and pictures in clear",
                "write https, or `local: true` for a server of your own",
            )
    hook = description.auth.hook
    if hook is not None:
        from fvbuild.targets.api.hooks import AUTH

        if hook not in AUTH:
            yield Fault(("auth", "hook"), f"there is no hook '{hook}'", did_you_mean(hook, AUTH))


def _requests(description: Description) -> Iterator[Fault]:
    for path, request in _all_requests(description):
        if request.host is not None and request.host not in description.hosts:
            yield Fault(
                (*path, "host"),
                f"there is no host '{request.host}'",
                did_you_mean(request.host, description.hosts, otherwise="name it under `hosts`"),
            )
        if description.uploads is None:
            for text in written(request, path):
                if _uses(text, "uploaded"):
                    yield Fault(
                        text.path, "there is no upload", "say under `uploads` how a file gets there"
                    )


def _all_requests(description: Description) -> Iterator[tuple[Path, Request]]:
    for name, call in description.calls.items():
        for field in ("submit", "poll", "fetch", "cancel"):
            request = getattr(call, field)
            if request is not None:
                yield ("calls", name, field), request
    if description.probe is not None:
        yield ("probe",), description.probe
    if description.uploads is not None:
        for at, step in enumerate(description.uploads.steps):
            yield ("uploads", "steps", at), step


def _uses(text: Written, name: str) -> bool:
    if text.language not in (JINJA, EXPRESSION) or name not in text.text:
        return False
    source = text.text if text.language is JINJA else "{{ " + text.text + " }}"
    try:
        return name in filters_used(source)
    except TemplateError:
        return False


def _call(description: Description, call: Call, path: Path) -> Iterator[Fault]:
    if call.job and call.poll is None:
        yield Fault(path, "it has a job, and no `poll` that asks for it", "poll: {path: ...}")
    if call.poll is not None and not call.job:
        yield Fault((*path, "poll"), "it polls for no job", "job: {id: <JMESPath of its id>}")
    for name in call.job_named:
        if name not in call.job:
            yield Fault(
                (*path, "job_named", name),
                f"the job has no '{name}'",
                did_you_mean(name, call.job, otherwise=f"job: {{{name}: <JMESPath>}}"),
            )
    if call.cancel is not None and not call.job:
        yield Fault((*path, "cancel"), "it cancels no job", "job: {id: <JMESPath of its id>}")
    if call.result.decode is not None:
        from fvbuild.targets.api.decoders import decode

        try:
            decode(call.result.decode, bytes(2))
        except TargetError as error:
            yield Fault((*path, "result", "decode"), error.message, error.hint or "")
    rules = [*call.outcomes, *description.outcomes]
    ends = any(
        rule.then == "done" and (rule.when.at is None or "poll" in rule.when.at) for rule in rules
    )
    if call.poll is not None and not ends:
        yield Fault(
            (*path, "poll"),
            "no rule says when the job is done",
            "outcomes: [{when: {match: \"status == 'done'\"}, then: done}]",
        )
    if (call.resubmit or description.resubmit) == "safe":
        texts = (text.text for text in written(call.submit))
        if not any("purchase.id" in text for text in texts):
            yield Fault(
                (*path, "submit"),
                "nothing makes it safe to submit it twice",
                "send `purchase.id` as the job's id or idempotency key, or say `resubmit: unsafe`",
            )


def _model(description: Description, model: Model, path: Path) -> Iterator[Fault]:
    for made, ways in model.makes.items():
        calls = [ways] if isinstance(ways, str) else [way.call for way in ways]
        for at, call in enumerate(calls):
            if call not in description.calls:
                steps = () if isinstance(ways, str) else (at, "call")
                yield Fault(
                    (*path, "makes", made, *steps),
                    f"there is no call '{call}'",
                    did_you_mean(call, description.calls),
                )
    can = model.capabilities
    if _CLIP in model.makes:
        if model.seconds is None:
            yield Fault(path, "how long its clips can be is not said", "seconds: {min: 2, max: 10}")
        if not can.first_frame and not can.text_to_video:
            yield Fault(
                (*path, "capabilities"),
                "its clips start from nothing",
                "first_frame: true, or text_to_video: true",
            )
    for at, card in enumerate(model.prices):
        yield from _card(model, card, (*path, "prices", at))


def _card(model: Model, card: PriceCard, path: Path) -> Iterator[Fault]:
    stills = any(made in GROUPS["still"] or made == "still" for made in model.makes)
    if card.per_million_tokens is not None and card.tokens is None and stills:
        yield Fault(
            (*path, "per_million_tokens"),
            "how many tokens a picture has is not said",
            "tokens: {input: 1000, output: 4000}, about",
        )
    for name in type(card).model_fields:
        amount = getattr(card, name)
        if isinstance(amount, By):
            yield from _by(model, amount, (*path, name))
        elif isinstance(amount, Tokens):
            for side, inner in amount.amounts.items():
                if isinstance(inner, By):
                    yield from _by(model, inner, (*path, name, side))


def _by(model: Model, amount: By, path: Path) -> Iterator[Fault]:
    setting = model.settings.get(amount.by)
    if setting is None and amount.by not in BY_OTHERS:
        yield Fault(
            (*path, "by"),
            f"there is no setting '{amount.by}'",
            did_you_mean(amount.by, [*model.settings, *BY_OTHERS]),
        )
        return
    yield from _values(amount, setting, path)
    for key, inner in amount.amounts.items():
        if isinstance(inner, By):
            yield from _by(model, inner, (*path, key))


def _values(amount: By, setting: Setting | None, path: Path) -> Iterator[Fault]:
    if setting is None or setting.values is None:
        return
    known = [key_of(value) for value in setting.values]
    for key in amount.amounts:
        if key not in known and key != "else":
            yield Fault(
                (*path, key), f"'{amount.by}' is never '{key}'", did_you_mean(key, [*known, "else"])
            )
    lacking = [value for value in known if value not in amount.amounts]
    if lacking and "else" not in amount.amounts:
        yield Fault(path, f"no amount for {', '.join(lacking)}", "add it, or `else: <amount>`")
