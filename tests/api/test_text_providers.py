"""Language models of every provider, asked on the wire: texts, refusals, answers of no use."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from fake import FakeProviders
from syrupy.assertion import SnapshotAssertion

from fvbuild.engine.action import Action, Outcome
from fvbuild.engine.purchase import MemoryPurchases
from fvbuild.errors import JobFailedError, QuotaError, RefusedError, TargetError
from fvbuild.targets.api.place import Place, ProviderPlace
from fvbuild.targets.api.secrets import Secrets
from fvbuild.targets.api.target import ApiTarget, create

MODELS = {
    "anthropic": "claude-sonnet-5",
    "openai": "gpt-5.1",
    "google": "gemini-3.7-flash",
    "openai-compatible": "a-model-of-mine",
}
SERVED_BY = {**{name: name for name in MODELS}, "openai-compatible": "openai"}
CAPTION: dict[str, Any] = {
    "action": "she turns",
    "size": "close-up",
    "characters": [{"look": "woman of 60", "outfit": "yellow oilskin"}],
    "style": {"preset": "noir"},
}
MOTION: dict[str, Any] = {"action": "she turns", "camera": "dolly in", "dialect": "veo"}


class Writers:
    """The targets of a film on the fake providers."""

    def __init__(self, fake: FakeProviders, folder: Path) -> None:
        urls = fake.base_urls()
        secrets = {**fake.environment()}
        secrets["OPENAI_COMPATIBLE_API_KEY"] = secrets["OPENAI_API_KEY"]
        self.fake = fake
        self.folder = folder
        self.purchases = MemoryPurchases(folder)
        self.place = Place(
            folder,
            {
                name: ProviderPlace(base_url=urls[served]["base_url"])
                for name, served in SERVED_BY.items()
            },
            None,
            Secrets(secrets),
        )

    def target(self, provider: str) -> ApiTarget:
        return create("writer", {"model": MODELS[provider]}, self.place, provider)

    def ask(self, provider: str, kind: str, params: dict[str, Any]) -> Outcome:
        folder = self.folder / "made"
        folder.mkdir(exist_ok=True)
        return self.target(provider).make(
            Action("s/a/x", kind, params, {}, folder, purchases=self.purchases)
        )


@pytest.fixture
def writers(fake: FakeProviders, tmp_path: Path) -> Writers:
    return Writers(fake, tmp_path)


@pytest.mark.parametrize("provider", MODELS)
@pytest.mark.parametrize(("kind", "params"), [("caption", CAPTION), ("motion", MOTION)])
def test_a_text_is_written(
    writers: Writers, provider: str, kind: str, params: dict[str, Any], snapshot: SnapshotAssertion
) -> None:
    made = writers.ask(provider, kind, params)
    text = made.outputs[0].text
    assert text and "{" not in text
    assert made.outputs[0].media_type == "text/plain"
    (sent,) = writers.fake.requests(SERVED_BY[provider], "submit")
    assert {"method": sent["method"], "path": sent["path"], "body": sent["body"]} == snapshot
    assert [each.stage.value for each in writers.purchases.all] == ["received"]


@pytest.mark.parametrize("provider", ["anthropic", "openai"])
def test_what_it_cost_is_by_the_tokens_of_the_answer(writers: Writers, provider: str) -> None:
    made = writers.ask(provider, "caption", CAPTION)
    assert made.cost is not None and made.cost.currency == "USD"
    price = writers.target(provider).price("caption", CAPTION)
    assert 0 < price.min <= price.likely <= price.max
    assert 0 < made.cost.amount <= price.max


@pytest.mark.parametrize("provider", ["google", "openai-compatible"])
def test_a_model_without_a_rate_card_costs_the_unknown(writers: Writers, provider: str) -> None:
    assert not writers.target(provider).price("caption", CAPTION).known
    assert writers.ask(provider, "caption", CAPTION).cost is None


@pytest.mark.parametrize(
    ("provider", "shape"),
    [
        ("anthropic", "stop_reason"),
        ("anthropic", "empty_refusal"),
        ("openai", "chat:refusal"),
        ("openai", "chat:content_filter"),
        ("google", "generate:SAFETY"),
        ("google", "generate:PROHIBITED_CONTENT"),
        ("google", "generate:block_SAFETY"),
        ("google", "generate:block_OTHER"),
        ("google", "generate:INVALID_ARGUMENT"),
    ],
)
def test_a_refusal_is_a_refusal_in_every_shape(writers: Writers, provider: str, shape: str) -> None:
    assert shape in writers.fake.shapes()[provider]["refusals"], writers.fake.shapes()[provider]
    writers.fake.script(provider, "refusal", shape=shape)
    with pytest.raises(RefusedError):
        writers.ask(provider, "caption", CAPTION)
    assert [each.stage.value for each in writers.purchases.all] == ["refused"]


@pytest.mark.parametrize(
    ("provider", "shape"),
    [("anthropic", "max_tokens"), ("openai", "length"), ("google", "MAX_TOKENS")],
)
def test_an_answer_that_is_cut_short_is_a_failed_job(
    writers: Writers, provider: str, shape: str
) -> None:
    writers.fake.script(provider, "failure", shape=shape)
    with pytest.raises(JobFailedError, match=r"cut short|unfinished|no JSON"):
        writers.ask(provider, "caption", CAPTION)
    assert [each.stage.value for each in writers.purchases.all] == ["failed"]


@pytest.mark.parametrize("provider", MODELS)
def test_an_account_that_is_empty_is_out_of_quota(writers: Writers, provider: str) -> None:
    writers.fake.script(SERVED_BY[provider], "quota")
    with pytest.raises(QuotaError):
        writers.ask(provider, "caption", CAPTION)


@pytest.mark.parametrize("provider", MODELS)
def test_an_empty_answer_is_no_text(writers: Writers, provider: str) -> None:
    writers.fake.script(SERVED_BY[provider], "empty")
    with pytest.raises(TargetError):
        writers.ask(provider, "caption", CAPTION)
    assert [each.stage.value for each in writers.purchases.all] == ["failed"]


@pytest.mark.parametrize("provider", ["anthropic", "openai-compatible"])
def test_an_answer_of_another_form_is_a_failed_job_that_was_paid(
    writers: Writers, provider: str
) -> None:
    """A server that does not keep to the schema: the answer is not kept as if it were a caption."""
    text = "Here is your caption: a pier at dusk."
    bodies: dict[str, Any] = {
        "anthropic": {
            "content": [{"type": "text", "text": text}],
            "stop_reason": "end_turn",
            "usage": {"input_tokens": 10, "output_tokens": 10},
        },
        "openai-compatible": {
            "choices": [{"message": {"content": text, "refusal": None}, "finish_reason": "stop"}]
        },
    }
    writers.fake.script(SERVED_BY[provider], "answer", status=200, body=bodies[provider])
    with pytest.raises(JobFailedError, match="no JSON"):
        writers.ask(provider, "caption", CAPTION)
    assert [each.stage.value for each in writers.purchases.all] == ["failed"]
    assert writers.ask(provider, "caption", CAPTION).outputs[0].text


def test_a_server_of_ones_own_needs_no_key(writers: Writers) -> None:
    target = create("own", {"model": "m"}, writers.place, "openai-compatible")
    assert target.missing_keys() == []
    assert target.identity == {"provider": "openai-compatible", "model": "m"}
