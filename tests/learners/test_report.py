import re
import shlex
import subprocess
import sys
from html.parser import HTMLParser

import pytest

from environments import find
from gametheory.errors import GameError
from gametheory.files.encode import to_json
from learners.cli import train as train_command
from learners.reports.facts import merged_facts, seed_facts
from learners.reports.report import Loaded, command, load_run, render, render_run, show, show_profile
from learners.running import metrics
from learners.running.files import read_json, write_atomically, write_json
from learners.running.request import assemble
from learners.running.runs import RunConfig, RunFolder
from learners.trainer import train_learner
from learners.training import TrainingSettings

TRAINING = TrainingSettings(steps=320, plays=4, update_every=8, evaluations=40)
FIELDS = {
    "game", "algorithm", "scheme", "seeds", "environment_steps", "updates", "wall_seconds", "return",
    "nash_conv", "distance_to_nearest_equilibrium", "verdict", "epsilon", "reason", "soft", "equilibria",
    "rule",
}  # fmt: skip


class Levels:
    """A learner that walks each agent's action from the top of its range to a level of its own."""

    def __init__(self, environment, level, seed):
        self.specs, self.level, self.seed, self.t = environment.game.action_specs, level, seed, 0

    def policies(self):
        from gametheory.policy import ConstantPolicy

        share = max(0.0, 1 - self.t / 10)
        return tuple(
            ConstantPolicy(spec.high * share + (1 - share) * (self.level + 0.01 * self.seed))
            for spec in self.specs
        )

    behaviour = policies

    def observe(self, transitions):
        self.t += 1

    def update(self):
        return {"loss": 1.0 / (1 + self.t)}

    def state_dict(self):
        return {"t": self.t}

    def load_state_dict(self, state):
        self.t = state["t"]


def trained(path, game, make_learner, seeds=(0,)):
    config = RunConfig(game, {}, "soft-matd4", "ct-de", {"actor_rate": 1e-3}, TRAINING, seeds)
    run = RunFolder.create(path, config)
    facts = {}
    for folder in run.seed_folders():
        environment, seed = find(game), folder.config.seeds[0]
        result = train_learner(
            environment, make_learner(environment, seed), training=TRAINING, run=folder, seed=seed
        )
        facts[seed] = to_json(seed_facts(folder.config, result))
        write_json(folder.path / "report.json", facts[seed])
    if run.several:
        lines = [
            metrics.line({"seed": folder.config.seeds[0]} | row)
            for folder in run.seed_folders()
            for row in metrics.read(folder.metrics)
        ]
        write_atomically(run.metrics, "".join(lines).encode())
        write_json(path / "report.json", merged_facts(config, facts, {}, 1.5))
    render_run(path)
    return run


@pytest.fixture(scope="module")
def market(tmp_path_factory):
    return trained(
        tmp_path_factory.mktemp("r") / "market", "cournot", lambda e, s: Levels(e, 3.0, s), seeds=(0, 1, 2)
    )


@pytest.fixture(scope="module")
def pennies(tmp_path_factory, doubles):
    return trained(
        tmp_path_factory.mktemp("r") / "pennies", "matching-pennies", lambda e, s: doubles.ActionValues(e)
    )


@pytest.fixture(scope="module")
def triples(tmp_path_factory, doubles):
    return trained(
        tmp_path_factory.mktemp("r") / "rps", "rock-paper-scissors", lambda e, s: doubles.ActionValues(e)
    )


class Page(HTMLParser):
    """Every address a page would load, and its text."""

    def __init__(self, text):
        super().__init__()
        self.addresses, self.text, self.open = [], "", []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)
        for name, value in attrs:
            if name in ("src", "href", "xlink:href", "srcset", "data", "action") and value:
                self.addresses.append(value)

    def handle_endtag(self, tag):
        while self.open and self.open.pop() != tag:
            pass

    def handle_data(self, data):
        if "style" not in self.open:
            self.text += data


def page(run):
    text = (run.path / "report.html").read_text()
    return text, Page(text)


def test_the_numbers_of_cournot_are_the_textbooks(market):
    facts = read_json(market.path / "report.json")
    assert set(facts) >= FIELDS
    assert facts["verdict"] == "converged"
    assert facts["threshold"] == pytest.approx(1.0125)  # 1 % of (n − 1 + 1/4)(a − c)²/b
    worst = facts["per_seed"][2]
    # both play 3.02 where 3 is best: each regrets (3/2 · 0.02)²
    assert worst["nash_conv"]["last"] == pytest.approx(2 * 0.03**2)
    assert facts["nash_conv"]["last"] == pytest.approx(2 * 0.03**2)
    assert worst["relative_distance"] == pytest.approx(0.02 / 3)
    assert worst["distance_to_nearest_equilibrium"] == pytest.approx(0.02 / 9)
    assert worst["start_distance"] == pytest.approx(6 / 9)
    mean = sum(q * (9 - 2 * q) for q in (3.0, 3.01, 3.02)) / 3
    assert facts["return"]["mean"] == pytest.approx([mean, mean])


@pytest.mark.parametrize("name", ["market", "pennies", "triples"])
def test_a_page_loads_nothing_and_says_everything(name, request):
    run = request.getfixturevalue(name)
    text, parsed = page(run)
    assert all(address.startswith("#") for address in parsed.addresses), parsed.addresses
    assert not re.search(r"url\((?!#)", text)
    assert "@import" not in text
    assert "<script" not in text
    facts = read_json(run.path / "report.json")
    for words in (facts["title"], "SOFT-MATD4", "Soft", facts["verdict"], "NashConv", "Computed equilibria"):
        assert words in parsed.text
    assert text.count("<svg") == 4
    for figure in ("trajectory", "nash_conv", "distance", "learning_curve"):
        assert (run.path / f"{figure}.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("name", ["market", "pennies", "triples"])
def test_ids_are_unique_within_a_page(name, request, tmp_path):
    run = request.getfixturevalue(name)
    render([run.path, run.path], tmp_path / "both.html")
    text = (tmp_path / "both.html").read_text()
    used = set(re.findall(r'(?:url\(#|xlink:href="#)([^)"]+)', text))
    ids = re.findall(r'\bid="([^"]+)"', text)
    assert used
    assert all(ids.count(name) == 1 for name in used)


def test_a_page_is_the_same_when_built_again(market):
    before = (market.path / "report.html").read_bytes()
    render_run(market.path)
    assert (market.path / "report.html").read_bytes() == before


def test_several_runs_on_one_page(market, pennies, tmp_path):
    render([market.path, pennies.path], tmp_path / "page.html")
    parsed = Page((tmp_path / "page.html").read_text())
    assert "2 runs compared" in parsed.text
    assert "Matching" in parsed.text
    assert "Cournot" in parsed.text


def test_markup_in_names_is_shown_not_obeyed(tmp_path, pennies):
    facts = read_json(pennies.path / "report.json") | {"title": "<script>alert(1)</script>"}
    original = (pennies.path / "report.json").read_bytes()
    write_json(pennies.path / "report.json", facts)
    try:
        render([pennies.path], tmp_path / "page.html")
    finally:
        (pennies.path / "report.json").write_bytes(original)
    assert "<script" not in (tmp_path / "page.html").read_text()


def test_reports_do_not_load_torch(market, tmp_path):
    code = (
        "import sys; from pathlib import Path; from learners.reports.report import render; "
        f"render([Path({str(market.path)!r})], Path({str(tmp_path / 'x.html')!r})); "
        "assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=600)


def test_a_run_without_a_report_says_how_to_get_one(tmp_path):
    config = RunConfig("cournot", {}, "soft-matd4", "ct-de", {}, TRAINING, (0,))
    run = RunFolder.create(tmp_path / "run", config)
    with pytest.raises(GameError, match="equilibrist resume"):
        load_run(run.path)
    with pytest.raises(GameError, match="no folder"):
        render([], tmp_path / "nowhere" / "page.html")


def test_the_command_on_the_page_asks_for_the_same_run(tmp_path):
    asked = assemble(
        "cournot",
        {"algorithm": "matd4", "steps": 6400, "seeds": 2},
        None,
        ["environment.firms=3", "environment.c=1/3", "actor_rate=3e-4", "training.epsilon=0.02"],
    )
    run = RunFolder.create(tmp_path / "run", asked)
    words = shlex.split(command(Loaded(RunFolder.open(run.path), {}, {})).replace("\\\n", " "))
    assert words[:2] == ["equilibrist", "train"]
    parsed = train_command.make_context("train", words[2:]).params
    again = assemble(
        parsed["game"],
        {key: parsed[key] for key in ("algorithm", "scheme", "steps", "seed", "seeds", "engine")},
        None,
        parsed["assignments"],
    )
    assert again.digest == asked.digest


def test_numbers_for_people():
    assert show(None) == "–"
    assert show(-0.000123456) == "−0.0001235"
    assert show(64000) == "64,000"
    assert show("1/3") == "1/3"
    facts = {"space": {"kind": "simplices", "actions": [["up", "down"], ["left", "right"]]}}
    assert show_profile([["0", "1"], ["1/3", "2/3"]], facts) == "down · left 1/3, right 2/3"
    assert show_profile([[0.25, 0.75], [0.9999, 0.0001]], facts) == "up 0.25, down 0.75 · left"
