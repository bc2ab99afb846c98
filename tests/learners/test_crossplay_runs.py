"""`equilibrist cross-play` on run folders and labs, and PSRO with trained replies."""

import csv
import errno
import html.parser
import json

import numpy as np
import pytest
from click.testing import CliRunner

from equilibrist.cli import group
from gametheory.commands.terminal import run as command
from learners import cli_crossplay
from learners.crossplay import cross_play, page, psro
from learners.lab import crossed_page, grid, linear_quadratic, recipes
from learners.lab.crossed import cross_game
from learners.lab.grid import Request, open_or_create
from learners.lab.outcome import collect
from learners.lab.page import write_report
from learners.lab.recipes import Recipe
from learners.running import parallel
from learners.running.files import NotWritten, read_json
from learners.running.parallel import Outcomes
from learners.running.request import assemble
from learners.running.runs import RunFolder
from learners.suites import SuiteGame
from learners.training import TrainingSettings

SMALL = {"batch_size": 16, "random_steps": 16, "actor_hidden": [8], "critic_hidden": [8]}
TRAINING = {"plays": 4, "update_every": 16, "evaluations": 20, "steps": 160}


def one_after_the_other(runs, progress, stop, tensorboard=False):
    out = Outcomes()
    for key, folder in runs.items():
        kind, content = parallel.attempt(folder.path, lambda state: None, stop, False)
        assert kind == "done", content
        out.facts[key] = read_json(folder.path / "report.json")
    return out


def trained(path, game, algorithm="soft-maddpg", seeds=1, **training):
    over = {f"training.{key}": value for key, value in (TRAINING | training).items()}
    settings = SMALL if algorithm != "ippo" else {"actor_hidden": [8], "critic_hidden": [8]}
    run = RunFolder.create(
        path, assemble(game, {"algorithm": algorithm, "seeds": seeds}, None, (), over | settings)
    )
    for folder in run.seed_folders():
        parallel.train_seed(folder, lambda state: None, lambda: False, False)
    return run


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs")
    trained(folder / "rps-a", "rock-paper-scissors", seeds=2, snapshots=3)
    trained(folder / "rps-b", "rock-paper-scissors", algorithm="maddpg")
    trained(folder / "hunt", "stag-hunt")
    trained(folder / "tag", "simple_tag", algorithm="ippo", episode_limit=5, snapshots=2)
    trained(folder / "short", "rock-paper-scissors", episode_limit=7)
    RunFolder.create(folder / "unbegun", assemble("rock-paper-scissors", {"algorithm": "ippo"}, None, ()))
    return folder


def asked(*words):
    return CliRunner().invoke(cli_crossplay.main, ["cross-play", *map(str, words)])


class Page(html.parser.HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.pictures, self.outside, self.viewport = [], [], False
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag == "img":
            self.pictures.append(given)
        if tag in ("script", "link", "iframe") or str(given.get("src", "data:")).startswith("http"):
            self.outside.append(tag)
        self.viewport = self.viewport or given.get("name") == "viewport"


def test_seeds_of_two_runs_enter_and_everything_is_written(runs, tmp_path):
    result = asked(runs / "rps-a", runs / "rps-b", "-o", tmp_path / "out", "--json")
    assert result.exit_code == 0, result.output
    facts = json.loads(result.stdout)
    assert facts == read_json(tmp_path / "out" / "crossplay.json")
    assert [own["name"] for own in facts["entrants"]] == ["soft-maddpg/0", "soft-maddpg/1", "maddpg"]
    assert facts["exact"]
    payoffs = np.array(facts["payoffs"])
    assert payoffs.shape == (2, 3, 3)
    assert payoffs.sum(axis=0) == pytest.approx(np.zeros((3, 3)), abs=1e-9)
    assert facts["meta_game"]["equilibria"][0]["certificate"]["kind"] == "numeric"
    rows = list(csv.DictReader((tmp_path / "out" / "payoffs.csv").read_text().splitlines()))
    assert [float(row["payoff/1"]) for row in rows] == pytest.approx(payoffs[0].ravel().tolist())
    page = Page((tmp_path / "out" / "report.html").read_text())
    assert page.viewport
    assert not page.outside
    assert len(page.pictures) == len(list((tmp_path / "out" / "pictures").glob("*.png"))) == 2
    assert all(len(own["alt"]) > 20 for own in page.pictures)


def test_diagonal_payoffs_are_the_values_that_evaluate_certifies(runs, tmp_path):
    """Self-play of a run, against the certificate of its last policies."""
    facts = json.loads(asked(runs / "rps-a", runs / "rps-b", "-o", tmp_path / "out", "--json").stdout)
    for k, folder in enumerate(RunFolder.open(runs / "rps-a").seed_folders()):
        told = read_json(folder.path / "report.json")["certificates"]["last"]["values"]
        assert [facts["payoffs"][s][k][k] for s in range(2)] == pytest.approx(told, abs=1e-9)


def test_checkpoints_of_one_run_against_each_other(runs, tmp_path):
    result = asked(runs / "rps-a" / "seed-0", "--checkpoints", "all", "-o", tmp_path / "out")
    assert result.exit_code == 0, result.output
    names = [own["name"] for own in read_json(tmp_path / "out" / "crossplay.json")["entrants"]]
    assert names == ["56", "108", "160"]  # the last snapshot is the end of the run
    lone = asked(runs / "rps-b", "--checkpoints", "all", "-o", tmp_path / "two")
    assert lone.exit_code == 0
    assert "training.snapshots=10" in lone.stderr


def test_estimates_carry_errors_and_words_on_luck(runs, tmp_path):
    given = [runs / "tag", "--checkpoints", "all", "--plays", "8", "-o", tmp_path / "out"]
    first = json.loads(asked(*given, "--json").stdout)
    assert not first["exact"]
    assert [side["name"] for side in first["sides"]] == ["adversary", "good"]
    assert np.array(first["standard_errors"]).shape == (2, 2, 2)
    assert 0 <= first["stability"]["kinds"]["mean"]["top"] <= 1
    assert json.loads(asked(*given, "--json").stdout) == first  # an earlier one is replaced by the same
    assert "drawn again" in (tmp_path / "out" / "report.html").read_text()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["rps-b", "hunt"], "cross-play needs runs of one game"),
        (["rps-b", "short"], "training.episode_limit 7"),
        (["rps-b", "rps-b"], "given twice"),
        (["rps-b"], "one entrant only"),
        (["rps-b", "nowhere"], "is not a run folder"),
        (["rps-b", "unbegun"], "no checkpoint yet"),
        (["rps-a", "rps-b", "--sides", "1,2"], "one side only"),
        (["rps-a", "rps-b", "--checkpoints", "some"], "known: all, last"),
        (["rps-a", "rps-b", "--game", "shapley"], "--game is for a lab"),
    ],
)
def test_bad_requests_are_one_line_and_write_nothing(runs, tmp_path, monkeypatch, capsys, words, says):
    monkeypatch.chdir(runs)
    assert command(group, ["cross-play", *words, "-o", str(tmp_path / "out")]) == 2
    told = capsys.readouterr().err
    assert says in told
    assert told.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_nothing_else_is_overwritten(runs, tmp_path):
    (tmp_path / "letter.txt").write_text("dear")
    result = asked(runs / "rps-a", runs / "rps-b", "-o", tmp_path)
    assert "not empty and no cross-play" in str(result.exception)
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


def test_a_labs_folder_is_not_overwritten(runs, tmp_path):
    """It has a ``crossplay.json``, too, of all its games."""
    (tmp_path / "crossplay.json").write_text('{"games": {}}')
    (tmp_path / "report.html").write_text("verdicts")
    result = asked(runs / "rps-a", runs / "rps-b", "-o", tmp_path)
    assert "not empty and no cross-play" in str(result.exception)
    assert (tmp_path / "report.html").read_text() == "verdicts"


def test_what_a_full_disk_cut_short_is_done_again(runs, tmp_path, monkeypatch):
    def full(path, content):
        raise NotWritten(path, OSError(errno.ENOSPC, "No space left on device"))

    given = [runs / "rps-a", runs / "rps-b", "-o", tmp_path / "out"]
    with monkeypatch.context() as patch:
        patch.setattr(page, "write_atomically", full)
        assert "make room and try again" in str(asked(*given).exception)
    assert asked(*given).exit_code == 0
    assert (tmp_path / "out" / "report.html").exists()


def test_a_centralized_model_cannot_enter(tmp_path):
    over = {f"training.{key}": value for key, value in (TRAINING | {"episode_limit": 5}).items()}
    options = {"algorithm": "ddpg", "scheme": "centralized"}
    run = RunFolder.create(tmp_path / "run", assemble("simple_spread", options, None, (), over | SMALL))
    parallel.train_seed(run, lambda state: None, lambda: False, False)
    with pytest.raises(Exception, match="centralized model"):
        cross_play([run], checkpoints="all")


@pytest.fixture
def lab(monkeypatch, tmp_path):
    """Two games, two algorithms, two seeds."""
    training = {"plays": 4, "update_every": 16}
    games = (
        SuiteGame("stag-hunt", 160, "coordination", training=training),
        SuiteGame("cournot", 160, "quantities", training=training, parameters={"firms": 3}),
    )
    names = ("soft-maddpg", "maddpg")
    monkeypatch.setattr(recipes, "games", lambda suite: games)
    monkeypatch.setattr(recipes, "POINTS", 20)
    monkeypatch.setattr(linear_quadratic, "GAMES", ())
    monkeypatch.setattr(recipes, "RECIPES", {name: Recipe(settings=SMALL) for name in names})
    monkeypatch.setattr(recipes, "served", lambda game: names)
    made = open_or_create(tmp_path / "lab", Request(seeds=2))
    grid.run(made, one_after_the_other, progress=lambda unit, state: None, stop=lambda: False)
    return made


def test_a_lab_plays_its_algorithms_against_each_other(lab, tmp_path):
    results = collect(lab, {})
    write_report(results)
    told = read_json(lab.path / crossed_page.FILE)["games"]
    assert list(told) == ["stag-hunt", "cournot-firms=3"]
    hunt = told["stag-hunt"]
    assert hunt["exact"]
    assert np.array(hunt["payoffs_of_entrants"]).shape == (2, 4, 4)
    every = np.array(hunt["payoffs_of_entrants"])
    assert hunt["payoffs"][0][0][1] == pytest.approx(every[0, :2, 2:].mean())
    assert hunt["same_seed"]["maddpg"] == pytest.approx(every[:, [2, 3], [2, 3]].mean())
    assert hunt["other_seeds"]["maddpg"] == pytest.approx(every[:, [2, 3], [3, 2]].mean())
    assert np.array(told["cournot-firms=3"]["payoffs"]).shape == (3, 2, 2, 2)
    page = (lab.path / "report.html").read_text()
    assert page.count("Against each other") == 2
    result = asked(lab.path, "--game", "stag-hunt", "-o", tmp_path / "out", "--json")
    assert result.exit_code == 0, result.output
    assert np.array(json.loads(result.stdout)["payoffs"]) == pytest.approx(every)
    for words, says in [(["--game", "stag-hnt"], "did you mean stag-hunt"), ([], "choose one with --game")]:
        assert says in str(asked(lab.path, *words, "-o", tmp_path / "no").exception)


def test_a_damaged_checkpoint_costs_the_section_alone(lab):
    results = collect(lab, {})
    [folder, _] = lab.sweep.runs()["trial-000"].seed_folders()
    for path in folder.checkpoints.glob("*.pt"):
        path.write_bytes(b"no checkpoint")
    found = crossed_page.cross_all(results)
    assert "damaged" in found["stag-hunt"]
    assert not isinstance(found["cournot-firms=3"], str)
    write_report(results)
    assert "were not played against each other" in (lab.path / "report.html").read_text()


def test_a_game_with_one_algorithm_is_left_out(lab):
    results = collect(lab, {})
    alone = type(results.games[0])("stag-hunt", "", "none", results.games[0].cells[:1])
    assert cross_game(lab, alone) is None


def test_trained_replies_gain_no_more_than_exact_regrets():
    """In biased rock-paper-scissors three replies span the equilibrium; gains are lower bounds all the way."""
    training = TrainingSettings(
        steps=2048, plays=128, update_every=128, evaluations=1, evaluation_plays=2, episode_limit=5
    )
    fast = {"actor_rate": 3e-2, "entropy": 0.0, "actor_hidden": [16], "critic_hidden": [16]}
    found = psro("biased-rock-paper-scissors", rounds=3, training=training, settings=fast)
    assert len(found.rounds) == len(found.found.gains)
    for own in found.rounds:
        assert 0 <= own.gain <= own.nash_conv + 1e-9
    assert found.rounds[0].sizes == (1, 1)
    assert found.nash_conv < 0.5 * found.rounds[0].nash_conv
    again = psro("biased-rock-paper-scissors", rounds=1, training=training, settings=fast)
    assert again.found.gains[0] == found.found.gains[0]  # the seed decides
