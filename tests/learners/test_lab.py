"""The lab's grid, what it goes on with, and what it says of the cells."""

import csv
import html.parser
import json

import pytest
from click.testing import CliRunner

from gametheory.errors import GameError
from learners import cli_lab
from learners.judge.convergence import Verdict
from learners.lab import grid, linear_quadratic, recipes
from learners.lab.grid import Request, open_or_create, run
from learners.lab.outcome import collect
from learners.lab.page import write_report
from learners.lab.recipes import Recipe
from learners.running import parallel
from learners.running.files import read_json, write_json
from learners.running.parallel import Outcomes
from learners.suites import SuiteGame

SETTINGS = {"batch_size": 16, "random_steps": 32, "actor_hidden": [8], "critic_hidden": [8]}
TRAINING = {"plays": 4, "update_every": 16}
GAMES = (
    SuiteGame("stag-hunt", 160, "coordination", training=TRAINING),
    SuiteGame("shapley", 160, "no stable equilibrium", training=TRAINING),
    SuiteGame("cournot", 160, "quantities", training=TRAINING),
)


@pytest.fixture
def tiny(monkeypatch):
    """Three games and one linear-quadratic, two algorithms that serve them all, a few steps each; no processes."""
    monkeypatch.setattr(recipes, "games", lambda suite: GAMES)
    monkeypatch.setattr(recipes, "POINTS", 20)
    monkeypatch.setattr(linear_quadratic, "GAMES", ("linear-quadratic",))
    monkeypatch.setattr(
        recipes, "RECIPES", {name: Recipe(settings=SETTINGS) for name in ("soft-maddpg", "maddpg")}
    )
    monkeypatch.setattr(recipes, "served", lambda game: ("soft-maddpg", "maddpg"))
    monkeypatch.setattr(parallel, "pool", lambda engine, jobs=None: one_after_the_other)


def one_after_the_other(runs, progress, stop, tensorboard=False):
    out = Outcomes()
    for key, folder in runs.items():
        if stop():
            out.interrupted = True
            break
        kind, content = parallel.attempt(folder.path, lambda state, k=key: progress(k, state), stop, False)
        if kind == "done":
            out.facts[key] = read_json(folder.path / "report.json")
            out.interrupted = out.interrupted or content
        else:
            out.failed[key], out.internal = content, kind == "internal"
    return out


def trained(lab, stop=lambda: False):
    return run(lab, one_after_the_other, progress=lambda unit, state: None, stop=stop)


def finished(lab):
    return collect(lab, {}, trained(lab).interrupted)


class Page(html.parser.HTMLParser):
    """What a page refers to, its pictures, headings and anchors."""

    def __init__(self, text):
        super().__init__()
        self.pictures, self.references, self.headings, self.ids, self.links = [], [], [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag == "img":
            self.pictures.append(given)
        self.references += [given[key] for key in ("src", "srcset", "data") if key in given]
        if tag in ("link", "script", "iframe", "object"):
            self.references.append(given.get("href") or tag)
        if tag == "a":
            self.links.append(given["href"])
        if "id" in given:
            self.ids.append(given["id"])
        if tag in ("h1", "h2", "h3", "h4"):
            self.headings.append(int(tag[1]))


def test_a_request_is_held_against_the_folder(tiny, tmp_path):
    lab = open_or_create(tmp_path / "lab", Request(seeds=2))
    assert open_or_create(tmp_path / "lab", Request(seeds=2)).plan == lab.plan  # the same command
    assert open_or_create(tmp_path / "lab", Request()).plan == lab.plan  # or none
    with pytest.raises(GameError, match="another lab"):
        open_or_create(tmp_path / "lab", Request(seeds=3))
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear")
    with pytest.raises(GameError, match="not empty"):
        open_or_create(tmp_path / "mine", Request())
    assert (tmp_path / "mine" / "letter.txt").read_text() == "dear"
    write_json(tmp_path / "lab" / grid.FILE, {"format": 1})
    with pytest.raises(GameError, match="describes no lab"):
        open_or_create(tmp_path / "lab", Request())
    write_json(tmp_path / "lab" / grid.FILE, {"format": 2})
    with pytest.raises(GameError, match=r"grid.json is of format 2; this version reads 1$"):
        open_or_create(tmp_path / "lab", Request())


def test_a_file_in_the_pictures_place_is_named_and_kept(tiny, tmp_path):
    lab = open_or_create(tmp_path / "lab", Request(games=("stag-hunt",), seeds=1))
    (tmp_path / "lab" / "pictures").write_text("dear")
    with pytest.raises(GameError, match="pictures cannot be made: File exists"):
        write_report(collect(lab, {}))
    assert (tmp_path / "lab" / "pictures").read_text() == "dear"


def test_a_folder_that_was_not_begun_whole_is_begun_afresh(tiny, tmp_path):
    """Killed while the folder was being made: before the rename, and between it and the plan."""
    whole = open_or_create(tmp_path / "lab", Request(seeds=1))
    (tmp_path / "lab" / grid.FILE).unlink()
    again = open_or_create(tmp_path / "lab", Request(seeds=1))
    assert again.plan == whole.plan
    part = tmp_path / "other" / f".{grid.TRIALS}.part"
    (part / "trial-000").mkdir(parents=True)
    assert open_or_create(tmp_path / "other", Request(seeds=1)).plan == whole.plan
    assert not part.exists()


def test_an_interrupted_lab_goes_on_to_the_same_numbers(tiny, tmp_path):
    asked = Request(games=("stag-hunt",), seeds=2)
    whole = finished(open_or_create(tmp_path / "whole", asked))
    lab, count = open_or_create(tmp_path / "lab", asked), iter(range(10**6))
    assert trained(lab, stop=lambda: next(count) >= 60).interrupted
    some = collect(lab, {}, True)
    write_report(some)  # of what there is
    assert sum(len(cell.ended) for cell in some.cells) < 4
    page = (tmp_path / "lab" / "report.html").read_text()
    assert "interrupted" in page
    assert "1 are open, of 0 nothing was expected; 1 have no result yet." in page
    rest = finished(open_or_create(tmp_path / "lab", Request()))
    assert [own.facts["final_profile"] for cell in rest.cells for own in cell.seeds] == [
        own.facts["final_profile"] for cell in whole.cells for own in cell.seeds
    ]


def test_a_failed_trial_loses_nothing_else_and_proves_nothing(tiny, tmp_path):
    lab = open_or_create(tmp_path / "lab", Request(games=("stag-hunt",), seeds=1))
    broken = lab.sweep.runs()["trial-000"].checkpoints / "step-000000000080.pt"
    broken.write_bytes(b"no checkpoint")
    asked = ["lab", "--games", "stag-hunt", "--seeds", "1", "-o", str(tmp_path / "lab")]
    result = CliRunner().invoke(cli_lab.main, asked)
    assert result.exit_code == 2
    assert "damaged" in result.stderr
    facts = read_json(tmp_path / "lab" / "lab.json")
    failed, other = facts["cells"]
    assert "damaged" in failed["failed"]["0"]
    assert sum(failed["seeds"].values()) == 0
    assert sum(other["seeds"].values()) == 1
    trials = list(csv.DictReader((tmp_path / "lab" / "trials.csv").read_text().splitlines()))
    assert [bool(row["failed"]) for row in trials] == [True, False]
    broken.unlink()
    assert CliRunner().invoke(cli_lab.main, asked).exit_code == 0
    assert not read_json(tmp_path / "lab" / "lab.json")["cells"][0]["failed"]


def test_the_command_writes_one_page_and_its_tables(tiny, tmp_path):
    result = CliRunner().invoke(cli_lab.main, ["lab", "--seeds", "2", "--json", "-o", str(tmp_path / "lab")])
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    folder = tmp_path / "lab"
    assert told["cells"] == read_json(folder / "lab.json")["cells"]
    assert [(cell["game"], cell["algorithm"]) for cell in told["cells"]] == [
        (game.name, algorithm) for game in GAMES for algorithm in ("soft-maddpg", "maddpg")
    ]
    cells = list(csv.DictReader((folder / "cells.csv").read_text().splitlines()))
    trials = list(csv.DictReader((folder / "trials.csv").read_text().splitlines()))
    assert [row["verdict"] for row in cells] == [cell["verdict"] for cell in told["cells"]]
    assert len(trials) == 12
    for row in trials:
        report = read_json(next(folder.glob(f"trials/{_trial(told, row)}/seed-{row['seed']}/report.json")))
        assert float(row["nash_conv"]) == report["nash_conv"]["last"]
        assert row["verdict"] == report["verdict"]

    page = Page((folder / "report.html").read_text())
    pictures = list((folder / "pictures").glob("*.png"))
    assert len(page.pictures) == len(pictures) >= 11
    assert all(picture["src"].startswith("data:image/png;base64,") for picture in page.pictures)
    assert all(len(picture["alt"]) > 20 for picture in page.pictures)
    assert all(reference.startswith("data:") for reference in page.references)  # nothing from elsewhere
    assert page.headings[0] == 1
    assert page.headings.count(1) == 1
    assert all(after <= before + 2 for before, after in zip(page.headings, page.headings[1:], strict=False))
    assert len(set(page.ids)) == len(page.ids)
    assert all(link.startswith("#") and link[1:] in page.ids for link in page.links)
    drawn = {picture.stem for picture in pictures}
    assert {"verdicts", "stag-hunt-portrait", "shapley-portrait", "cournot-portrait"} <= drawn
    assert "stag-hunt-selection" in drawn
    assert "cournot-selection" not in drawn  # one equilibrium: nothing to select


def _trial(told, row):
    own = next(c for c in told["cells"] if (c["game"], c["algorithm"]) == (row["game"], row["algorithm"]))
    return own["run"].removeprefix("trials/")


def test_verdicts_and_selection_count_the_seeds(tiny, tmp_path):
    """Reports written by hand: five seeds at known places of the stag hunt."""
    lab = open_or_create(tmp_path / "lab", Request(games=("stag-hunt",), algorithms=("maddpg",), seeds=5))
    trained(lab)
    [trial] = lab.sweep.runs().values()
    ends = ([2], [2], [0], [2], [1])
    for folder, nearest in zip(trial.seed_folders(), ends, strict=True):
        facts = read_json(folder.path / "report.json")
        facts |= {"verdict": "converged", "nearest": nearest, "distance_to_nearest_equilibrium": 0.01}
        write_json(folder.path / "report.json", facts)
    [cell] = collect(lab, {}).cells
    assert cell.evidence.verdict is Verdict.CONVERGED
    assert cell.selection == {(2,): 3, (0,): 1, (1,): 1}
    assert [cell.known.role(k) for k in range(3)] == _roles(cell)
    agreement, why = cell.agreement
    assert agreement == "disagrees"  # the mixed equilibrium is a saddle
    assert "#1" in why
    facts |= {"distance_to_nearest_equilibrium": 0.3}
    write_json(folder.path / "report.json", facts)
    [cell] = collect(lab, {}).cells
    assert cell.selection == {(2,): 3, (0,): 1, None: 1}


def test_a_cell_says_how_many_seeds_chose_payoff_and_how_many_safety(tiny, tmp_path, monkeypatch):
    """Reports written by hand: of five seeds three at both hare, one at both stag, one at neither."""
    hunts = (SuiteGame("aumann-stag-hunt", 160, "coordination", training=TRAINING), *GAMES[1:])
    monkeypatch.setattr(recipes, "games", lambda suite: hunts)
    names = ("aumann-stag-hunt", "cournot")
    lab = open_or_create(tmp_path / "lab", Request(games=names, algorithms=("maddpg",), seeds=5))
    trained(lab)
    trial = lab.sweep.runs()["trial-000"]
    known = collect(lab, {}).cells[0].known
    hare, stag = known.risk_dominant, known.payoff_dominant
    for folder, nearest in zip(trial.seed_folders(), (hare, hare, stag, hare, stag), strict=True):
        facts = read_json(folder.path / "report.json")
        facts |= {"nearest": [nearest], "distance_to_nearest_equilibrium": 0.01}
        write_json(folder.path / "report.json", facts)
    write_json(folder.path / "report.json", facts | {"distance_to_nearest_equilibrium": 0.4})
    write_report(collect(lab, {}))
    hunt, market = read_json(tmp_path / "lab" / "lab.json")["cells"]
    assert hunt["selected"] == {"payoff-dominant": 1, "risk-dominant": 3}
    assert market["selected"] == {"payoff-dominant": None, "risk-dominant": None}
    cells, trials = (
        list(csv.DictReader((tmp_path / "lab" / f"{name}.csv").read_text().splitlines()))
        for name in ("cells", "trials")
    )
    assert [row["selected/risk-dominant"] for row in cells] == ["3", ""]
    ranks = ["risk-dominant", "risk-dominant", "payoff-dominant", "risk-dominant", ""]
    assert [row["rank"] for row in trials] == ranks + [""] * 5
    page = (tmp_path / "lab" / "report.html").read_text()
    assert "<td>1 payoff-dominant, 3 risk-dominant</td>" in page
    assert (
        page.count('<th scope="col">seeds ended at</th>') == 1
    )  # one equilibrium of Cournot: nothing to choose


def _roles(cell):
    """From the payoffs: in the stag hunt both hunting stag pays most."""
    table = cell.known.formal.payoffs
    pure = [tuple(int(own.argmax()) for own in profile) for profile in cell.known.profiles]
    best = max(range(3), key=lambda k: table[0][pure[k]] if k != 1 else -1)
    (a, b), (c, d) = table[0]
    loses = {0: a - c, 2: d - b} if pure[0] == (0, 0) else {2: a - c, 0: d - b}
    roles = [["payoff-dominant"] if k == best else [] for k in range(3)]
    if loses[0] != loses[2]:
        roles[max(loses, key=lambda k: loses[k])].append("risk-dominant")
    return [" and ".join(own) for own in roles]


@pytest.mark.slow
def test_every_cell_of_the_small_suite_gets_a_verdict(tmp_path):
    """Two of its games, in processes. Dominance is learned by everybody; gradients never settle in pennies."""
    games = ["--games", "prisoners-dilemma,matching-pennies"]
    result = CliRunner().invoke(
        cli_lab.main, ["lab", "--suite", "small", *games, "--json", "-o", str(tmp_path / "lab")]
    )
    assert result.exit_code == 0, result.stderr
    told = json.loads(result.stdout)
    assert all(sum(cell["seeds"].values()) == 5 and not cell["failed"] for cell in told["cells"])
    cells = {(cell["game"], cell["algorithm"]): cell for cell in told["cells"]}
    assert all(
        cell["verdict"] == "converged" for (game, _), cell in cells.items() if game == "prisoners-dilemma"
    )
    gradients = [cells["matching-pennies", name] for name in ("soft-maddpg", "ippo")]
    assert all(cell["seeds"]["converged"] == 0 for cell in gradients)
    assert not [cell for cell in told["cells"] if cell["agreement"] == "disagrees"]
