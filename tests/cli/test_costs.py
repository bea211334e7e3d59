"""``costs`` and ``resolve``, and what plan and build say of money."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from telling import Tell

from fvbuild.engine.action import Money
from fvbuild.engine.bookkeeping import KeptPurchases
from fvbuild.engine.entry import Slot
from fvbuild.engine.target import Price
from fvbuild.project import Project

NODE = "pier/one/anchor"


def _purchases(film: Path, node: str = NODE, take: int = 1) -> KeptPurchases:
    """The purchases of a node's take as its target would get them."""
    project = Project.open(film / "film.yaml")
    project.ledger.start()
    (step,) = [step for step in project.plan().steps if step.node == node]
    kind = node.rpartition("/")[2]
    slot = Slot(node, kind, step.key or f"key of {node}", take, "veo", "runway", "maker")
    return KeptPurchases(project.ledger, slot)


@pytest.fixture
def spent(film: Path) -> Path:
    """A film that has bought, refused and lost something."""
    price = Price(0.5, 0.6, 0.8)
    purchase = _purchases(film, "pier/two/segment").begin("gen4", price, resubmit_safe=False)
    purchase.submitted({"id": "1"})
    purchase.ended("refused", "too dark", Money(0.1))
    purchase = _purchases(film, "pier/two/anchor").begin("gen4", price, resubmit_safe=False)
    purchase.submitted({"id": "2"})
    purchase.received(None)
    lost = _purchases(film).begin("gen4", price, resubmit_safe=False)
    lost.unknown("the connection broke")
    return film


def test_what_a_refusal_cost_by_the_rate_card_is_not_called_a_receipt(
    film: Path, tell: Tell
) -> None:
    for take, cost in ((1, Money(0.6)), (2, None)):
        purchase = _purchases(film, take=take).begin("m", Price(0.5, 0.6, 0.8), resubmit_safe=False)
        purchase.submitted({"id": str(take)})
        purchase.ended("refused", "too dark", cost, estimated=True)
    told = tell("costs").out
    assert "0.60 USD and 1 request of unknown cost" in told
    assert "by rate cards: no receipts were given" in told


@pytest.mark.usefixtures("spent")
def test_costs_tells_what_is_spent_apart_from_what_is_open(tell: Tell) -> None:
    told = tell("costs")
    assert told.code == 0
    assert "pier  0.70 USD  2 requests" in told.out
    assert "Spent: 0.70 USD, of which 0.10 USD by receipts" in told.out
    assert f"{NODE}  take 1, veo, at most 0.80 USD: unresolved" in told.out
    by_target = json.loads(tell("costs", "--by", "target", "--json").out)
    assert by_target["lines"][0]["name"] == "veo"
    assert by_target["spent"] == [{"currency": "USD", "amount": 0.7}]
    assert by_target["by_receipt"] == [{"currency": "USD", "amount": 0.1}]
    assert [each["stage"] for each in by_target["open"]] == ["unknown"]
    assert len(json.loads(tell("costs", "--by", "day", "--json").out)["lines"]) == 1


@pytest.mark.usefixtures("spent")
def test_an_unresolved_request_is_listed_stops_its_node_and_is_resolved(tell: Tell) -> None:
    told = tell("resolve")
    assert told.code == 5 and NODE in told.out and "the connection broke" in told.out
    told = tell("plan")
    assert f"fvbuild resolve {NODE} --retry" in told.out
    told = tell("build")
    assert told.code == 5 and "fvbuild resolve" in told.err
    told = tell("resolve", NODE, "--retry")
    assert told.code == 0 and "asked for again" in told.out
    assert tell("resolve").code == 0
    assert "Possibly spent: 0.80 USD" in tell("costs").out
    assert tell("build").code == 0


def test_a_shot_renamed_since_is_resolved_by_its_new_name(spent: Path, tell: Tell) -> None:
    text = (spent / "film.yaml").read_text()
    (spent / "film.yaml").write_text(text.replace("id: one", "id: uno"))
    assert "fvbuild resolve pier/uno/anchor" in tell("plan").out
    assert tell("resolve", "pier/uno/anchor", "--forget").code == 0
    assert tell("resolve").code == 0


def test_a_job_that_the_film_needs_no_more_is_told_as_such(film: Path, tell: Tell) -> None:
    assert tell("build").code == 0
    purchase = _purchases(film, take=3).begin("m", Price(0.5, 0.6, 0.8), resubmit_safe=False)
    purchase.submitted({"id": "1"})
    assert "accepted; the next build fetches it" in tell("costs").out
    text = (film / "film.yaml").read_text()
    (film / "film.yaml").write_text(text.replace("a boat", "a ship"))
    assert "accepted, for what the film said then" in tell("costs").out
    (film / "film.yaml").write_text(text)
    assert "accepted; the next build fetches it" in tell("costs").out


@pytest.mark.usefixtures("spent")
def test_forgotten_is_not_spent(tell: Tell) -> None:
    assert tell("resolve", NODE, "--forget").code == 0
    told = tell("costs")
    assert "Possibly" not in told.out and "open" not in told.out


@pytest.mark.usefixtures("spent")
def test_what_became_of_it_is_asked_of_what_is_there_alone(tell: Tell) -> None:
    told = tell("resolve", NODE)
    assert told.code == 2 and f"what became of {NODE}?" in told.err and "--retry" in told.err
    told = tell("resolve", NODE.replace("anchor", "ancor"))
    assert told.code == 2 and f"did you mean '{NODE}'?" in told.err
    assert "--retry" not in told.err
    told = tell("resolve", "nope")
    assert told.code == 2 and "nothing in the film is called 'nope'" in told.err
    assert "--retry" not in told.err
    told = tell("resolve", "pier", "--forget")
    assert told.code == 2 and "is not one node" in told.err
    told = tell("resolve", "pier/one/segment")
    assert told.code == 2 and "nothing that was bought for 'pier/one/segment'" in told.err
    assert f"{NODE}" in told.err, "what is unresolved is named"


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (("resolve", "--retry"), "no node is named"),
        (("resolve", NODE), "is unresolved"),
        (("resolve", NODE, "--forget"), "is unresolved"),
        (("resolve", NODE, "--forget", "--retry"), "not allowed with"),
        (("costs", "--by", "mood"), "invalid choice"),
    ],
)
def test_wrong_words_are_usage_errors(tell: Tell, words: tuple[str, ...], hint: str) -> None:
    told = tell(*words)
    assert told.code == 2 and hint in told.err


def test_over_the_budget_ends_with_4_before_anything_is_asked(film: Path, tell: Tell) -> None:
    text = (film / "film.yaml").read_text()
    text = text.replace("title: Tiny", "title: Tiny, budget: 0.01 USD")
    text = text.replace("segment: placeholder", "segment: veo")
    (film / "film.yaml").write_text(
        f"targets: {{veo: {{provider: runway, model: gen4_turbo}}}}\n{text}"
    )
    told = tell("build")
    assert told.code == 4, told.err
    assert "the film's budget of 0.01 USD" in told.err
    assert "nothing was bought yet" in tell("costs").out


@pytest.mark.parametrize(
    ("use", "budget", "said"),
    [
        ("veo", "0.60", "0.75 USD, which would go over the film's budget of 0.6 USD; a budget of "
         "0.75 USD would do (a take at most: 0.25 USD for the take, 0.5 USD for 2 requests that "
         "are refused and charged for)"),
        ("[veo, dear]", "2", "2.55 USD, which would go over the film's budget of 2 USD; a budget "
         "of 2.55 USD would do (a take at most: 0.25 USD for the take, 0.5 USD for 2 requests that "
         "are refused and charged for, 1.8 USD more where 'dear' makes it)"),
        ("veo", "1", "0.75 USD, which beside 0.75 USD for what comes first would go over the "
         "film's budget of 1 USD; a budget of 1.5 USD would do"),
    ],
)  # fmt: skip
def test_a_plan_says_what_the_most_is_made_of_and_what_would_do(
    film: Path, tell: Tell, use: str, budget: str, said: str
) -> None:
    shots = "[{id: one, action: a boat, duration: 5s}, {id: two, action: a gull, duration: 5s}]"
    (film / "film.yaml").write_text(
        f"film: {{title: Tiny, budget: {budget} USD}}\n"
        "targets: {veo: {provider: runway, model: gen4_turbo},"
        " dear: {provider: runway, model: gen4.5}}\n"
        f"use: {{segment: {use}}}\nscenes: [{{id: pier, shots: {shots}}}]\n"
    )
    told = tell("plan")
    assert said in " ".join(told.out.split())
    enough = said.partition("a budget of ")[2].partition(" USD would do")[0]
    text = (film / "film.yaml").read_text()
    both = float(enough) if budget == "1" else 2 * float(enough)
    (film / "film.yaml").write_text(text.replace(f"budget: {budget}", f"budget: {both}"))
    assert "go over" not in tell("plan").out
