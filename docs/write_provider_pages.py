"""Write a page for each provider that fvbuild ships, from the provider's own description.

python docs/write_provider_pages.py            # writes docs/providers/*.md
python docs/write_provider_pages.py --check    # says which are not current, and fails
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from fvbuild.targets.api.description import Description
from fvbuild.targets.api.description_model import Capabilities, Lengths, Model
from fvbuild.targets.api.description_price import By, PriceCard
from fvbuild.targets.api.facts import GROUPS
from fvbuild.targets.api.load import load, shipped

FOLDER = Path(__file__).parent / "providers"
_FOR = {
    "segment": ("segment", "a clip"),
    "still": ("anchor", "a picture"),
    "anchor": ("anchor", "a picture"),
    "speech": ("speech", "a voice"),
    "text": ("caption", "words"),
    "caption": ("caption", "words"),
    "sound": ("effect", "a sound"),
    "music": ("music", "music"),
}
"""What a model makes -> the kind that an example uses it for, and what that is."""


def pages() -> dict[str, str]:
    """File name -> its text, the index among them."""
    described = [load(name).description for name in shipped()]
    written = {f"{each.provider}.md": "\n".join(_page(each)) + "\n" for each in described}
    return {"README.md": "\n".join(_index(described)) + "\n", **written}


def _index(described: list[Description]) -> Iterator[str]:
    yield from (
        "# Providers",
        "",
        "Hosted models that fvbuild can use once `pip install 'fvbuild[api]'` has brought what it "
        "takes. Each is one file of data under `fvbuild/targets/api/providers/`, and these pages "
        "are written from those files. One that is missing needs no program: "
        "[write its file](../writing-a-provider.md). What is spent, and how it is kept in "
        "bounds: [costs](../costs.md).",
        "",
        "| provider | makes | key |",
        "|---|---|---|",
    )
    for each in described:
        kinds = sorted({_FOR[kind][1] for model in each.models.values() for kind in _made(model)})
        yield (
            f"| [{_title(each)}]({each.provider}.md) | {', '.join(kinds)} "
            f"| {_variables(each) or 'none'} |"
        )


def _page(each: Description) -> Iterator[str]:
    yield from (f"# {_title(each)}", "")
    if each.docs:
        yield from (f"Its own documentation: <{each.docs}>", "")
    if each.about:
        yield from (*each.about.strip().split("\n"), "")
    yield from ("## Key", "")
    yield from _key(each)
    yield from ("", "## Example", "")
    yield from _example(each)
    yield from ("", "## Models", "")
    yield from _models(each)
    yield from _settings(each)
    yield from ("", "## Limits", "")
    yield from _limits(each)
    if each.checked:
        yield from ("", f"These facts were last checked on {each.checked}.")


def _key(each: Description) -> Iterator[str]:
    if not each.auth.secrets:
        yield "None is needed."
        return
    where = f", which is had at <{each.auth.get_key}>" if each.auth.get_key else ""
    optional = " Without it the server is asked without a key." if each.auth.optional else ""
    yield (
        f"Set {_variables(each)}{where}, in the environment or in a file `.env` beside "
        f"`fvbuild.yaml`.{optional} It enters no key, lock, log or report."
    )


def _variables(each: Description) -> str:
    sets = (" or ".join(f"`{name}`" for name in names) for names in each.auth.secrets.values())
    return " and ".join(sets)


def _example(each: Description) -> Iterator[str]:
    model_id, model = min(each.models.items(), key=lambda item: _telling(item[1]))
    kind = _FOR[next(iter(_made(model)))][0]
    shown = "owner/name" if model_id == "*" else model_id
    needed = "".join(
        f", {name}: {_example_value(setting.type)}"
        for name, setting in model.settings.items()
        if setting.required
    )
    yield from (
        "```yaml",
        "targets:",
        f"  mine: {{provider: {each.provider}, model: {shown}{needed}}}",
        "use:",
        f"  {kind}: mine",
        "```",
        "",
        f"`fvbuild plan` says what a build would cost; `fvbuild build --budget '5 USD'` caps it; "
        f"`fvbuild targets --probe` asks {_title(each)} whether the key is right.",
    )


def _telling(model: Model) -> tuple[bool, int]:
    """Examples show a model that is there, of clips rather than of words."""
    return model.retired is not None, min(list(_FOR).index(kind) for kind in _made(model))


def _example_value(type_of: str | None) -> str:
    return "workflow.json" if type_of == "file" else "..."


def _models(each: Description) -> Iterator[str]:
    yield "| model | makes | takes | lengths | sizes | price |"
    yield "|---|---|---|---|---|---|"
    for name, model in each.models.items():
        shown = "any other id" if name == "*" else f"`{name}`"
        title = f"<br>{model.title}" if model.title else ""
        yield (
            f"| {shown}{title}{_retired(model)} | {', '.join(_made(model))} "
            f"| {_takes(model.capabilities)} | {_lengths(model)} | {_sizes(model)} "
            f"| {_price(model)} |"
        )


def _made(model: Model) -> list[str]:
    found: list[str] = []
    for kind in model.makes:
        group = next((name for name, kinds in GROUPS.items() if kind in kinds), kind)
        if kind == "music":
            group = "music"
        if group not in found:
            found.append(group)
    return found


def _retired(model: Model) -> str:
    if model.retired is None:
        return ""
    on = f" on {model.retired.on}" if model.retired.on else ""
    instead = f"use `{model.retired.successor}`" if model.retired.successor else model.retired.note
    return f"<br>**retired{on}**" + (f": {instead}" if instead else "")


def _takes(can: Capabilities) -> str:
    needed = " (required)" if can.first_frame == "required" else ""
    given = {
        f"first frame{needed}": bool(can.first_frame),
        "last frame": can.last_frame,
        "text alone": can.text_to_video,
        "a picture to change": bool(can.edits),
        "a mask": bool(can.masks),
        f"up to {can.references} reference{'s' if can.references > 1 else ''}": can.references > 0,
        "negative prompt": can.negative,
        "guidance": can.guidance,
        "seed": can.seed,
    }
    return ", ".join(name for name, able in given.items() if able) or "text"


def _lengths(model: Model) -> str:
    if model.seconds is None:
        return ""
    if isinstance(model.seconds, Lengths):
        return f"{model.seconds.min:g} to {model.seconds.max:g} s"
    return ", ".join(f"{seconds:g}" for seconds in model.seconds) + " s"


def _sizes(model: Model) -> str:
    if model.sizes is None:
        return ""
    if isinstance(model.sizes, list):
        return ", ".join(model.sizes)
    return f"any, in steps of {model.sizes.multiple}"


def _price(model: Model) -> str:
    if not model.prices:
        return "unknown"
    card = max(model.prices, key=lambda each: each.as_of)
    return "; ".join(_amounts(card)) or "nothing"


def _amounts(card: PriceCard) -> Iterator[str]:
    of = {
        "take": card.per_take,
        "picture": card.per_image,
        "megapixel": card.per_megapixel,
        "second": card.per_second,
        "1,000 characters": card.per_1k_chars,
    }
    if card.per_million_tokens is not None:
        of["million tokens in"] = card.per_million_tokens.input
        of["million tokens out"] = card.per_million_tokens.output
    for unit, amount in of.items():
        if isinstance(amount, By):
            each = ", ".join(
                f"{name}: {value if isinstance(value, str) else f'{value:g}'}"
                for name, value in amount.amounts.items()
            )
            yield f"{each} {card.currency} a {unit}, by {amount.by}"
        elif amount:
            yield f"{amount:g} {card.currency} a {unit}"


def _settings(each: Description) -> Iterator[str]:
    rows: dict[str, str] = {}
    for model in each.models.values():
        for name, setting in model.settings.items():
            if setting.values is not None:
                values = ", ".join(
                    f"`{str(v).lower() if v is True or v is False else v}`" for v in setting.values
                )
            elif setting.min is not None or setting.max is not None:
                values = f"{setting.min:g} to {setting.max:g}"
            else:
                values = setting.type or "text"
            default = "" if setting.default is None else f" (default `{setting.default}`)"
            about = f": {setting.about[0].lower()}{setting.about[1:]}" if setting.about else ""
            rows.setdefault(
                name, values + default.replace("True", "true").replace("False", "false") + about
            )
    if not rows:
        return
    yield from ("", "A film's target may also set, as far as its model knows it:", "")
    yield from (f"- `{name}`: {values}" for name, values in sorted(rows.items()))


def _limits(each: Description) -> Iterator[str]:
    rate = each.limits.requests_per_minute
    yield (
        f"{each.limits.concurrency} at once"
        + (f", {rate} requests a minute" if rate else "")
        + ", shared by all builds on a machine and lowered by itself when the provider says it is "
        "too much. Your account may have others; `fvbuild.yaml` sets them:"
    )
    yield from (
        "",
        "```yaml",
        "providers:",
        f"  {each.provider}: {{concurrency: {max(1, each.limits.concurrency // 2)}}}",
        "```",
    )


def _title(each: Description) -> str:
    return each.title or each.provider


def main(arguments: list[str]) -> int:
    """Write them, or with ``--check`` compare."""
    stale = []
    for name, text in pages().items():
        path = FOLDER / name
        if path.is_file() and path.read_text(encoding="utf-8") == text:
            continue
        stale.append(name)
        if "--check" not in arguments:
            FOLDER.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    if stale and "--check" in arguments:
        print(f"not current: {', '.join(stale)}; python docs/write_provider_pages.py")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
