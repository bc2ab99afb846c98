import json
import subprocess
import sys

import pytest

from equilibrist.cli import group
from gametheory.commands.terminal import run

pytest.importorskip("torch", reason="the extra `learners` is not installed")

from train_commands import ROOT, TINY, call


@pytest.fixture(scope="module")
def single(tmp_path_factory):
    path = tmp_path_factory.mktemp("cli") / "run"
    assert run(group, ["train", "cournot", "--steps", "160", "--seed", "2", *TINY, "-o", str(path)]) == 0
    return path


def test_train_prints_what_matters(capsys, tmp_path):
    path = tmp_path / "run"
    status, out, err = call(capsys, "train", "cournot", "--steps", 160, *TINY, "-o", path)
    assert status == 0
    assert "3, 3" in out  # q* = (a − c) / 3b of the default duopoly
    assert f"report: {path / 'report.html'}" in out
    assert "Soft variant, soft-matd4, ct-de" in out
    assert "updates/s" not in out
    assert "160/160 steps" in err
    assert {entry.name for entry in path.iterdir()} >= {
        "config.json", "versions.json", "metrics.jsonl", "checkpoints", "report.json", "report.html",
        "trajectory.png", "nash_conv.png", "distance.png", "learning_curve.png",
    }  # fmt: skip


def test_json_is_one_document_and_nothing_else(capsys, tmp_path):
    status, out, _ = call(
        capsys, "train", "matching-pennies", "--algorithm", "matd4", "--steps", 160, *TINY, "--json",
        "-o", tmp_path / "run",
    )  # fmt: skip
    document = json.loads(out)
    assert status == 0
    assert document == json.loads((tmp_path / "run" / "report.json").read_text())
    assert document["soft"] is False
    assert document["equilibria"][0]["profile"] == [["1/2", "1/2"], ["1/2", "1/2"]]


def test_requiring_convergence_turns_the_verdict_into_the_exit_status(capsys, tmp_path):
    arguments = ["train", "matching-pennies", "--steps", 160, *TINY, "--require-convergence"]
    strict = call(capsys, *arguments, "--set", "training.epsilon=0", "-o", tmp_path / "strict")
    assert strict[0] == 1
    lax = call(capsys, *arguments, "--set", "training.epsilon=0.999", "-o", tmp_path / "lax")
    assert (lax[0], json.loads((tmp_path / "lax" / "report.json").read_text())["verdict"]) == (0, "converged")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["no-such-game"], "no-such-game"),
        (["cournot", "--algorithm", "soft-matd5"], "soft-matd4"),
        (["cournot", "--scheme", "concurrent"], "ct-de"),
        (["cournot", "--engine", "rey"], "did you mean ray"),
        (["cournot", "--seed", "1", "--seeds", "2"], "exclude"),
        (["cournot", "--seeds", "0"], "1 to 1000"),
        (["cournot", "--seed", "-1"], "at least 0"),
        (["cournot", "--steps", "0"], "training.steps"),
        (["cournot", "--set", "training.stepz=5"], "steps"),
        (["cournot", "--set", "actor_rat=5"], "actor_rate"),
        (["cournot", "--set", "environment.firm=5"], "firms"),
        (["cournot", "--set", "environment.firms=0"], "firms"),
        (["cournot", "--set", "trainin.steps=5"], "training"),
        (["cournot", "--set", "steps"], "KEY=VALUE"),
        (["cournot", "--set", "actor_rate=quick"], "actor_rate"),
        (["cournot", "--config", "/nowhere.toml"], "cannot be read"),
        (["leduc-poker", "--algorithm", "td3", "--set", "training.n_step=3"], "matd4"),
        (["dec-tiger", "--algorithm", "ippo", "--set", "training.n_step=2"], "training.n_step must be 1"),
    ],
)
def test_bad_input_is_one_line_and_leaves_nothing(capsys, tmp_path, arguments, words):
    status, out, err = call(capsys, "train", *arguments, "-o", tmp_path / "run")
    assert status == 2
    assert out == ""
    assert err.count("\n") == 1
    assert words in err
    assert list(tmp_path.iterdir()) == []


def test_an_existing_run_is_untouched(capsys, single):
    before = {path: path.read_bytes() for path in single.rglob("*") if path.is_file()}
    status, _, err = call(capsys, "train", "cournot", *TINY, "-o", single)
    assert status == 2
    assert f"equilibrist resume {single}" in err
    assert {path: path.read_bytes() for path in single.rglob("*") if path.is_file()} == before


def test_a_file_of_settings(capsys, tmp_path):
    file = tmp_path / "run.toml"
    file.write_text(
        'algorithm = "matd4"\nseeds = 3\nsteps = 160\n[training]\nplays = 4\nevaluations = 20\n'
        "[settings]\nactor_hidden = [8]\ncritic_hidden = [8]\nrandom_steps = 32\nbatch_size = 16\n[environment]\nfirms = 3\n"
    )
    status, _, err = call(
        capsys,
        "train",
        "cournot",
        "--config",
        file,
        "--seed",
        7,
        "--set",
        "batch_size=8",
        "-o",
        tmp_path / "run",
    )
    assert status == 0, err
    config = json.loads((tmp_path / "run" / "config.json").read_text())
    assert (config["algorithm"], config["seeds"], config["parameters"]) == ("matd4", [7], {"firms": 3})
    assert (config["training"]["plays"], config["settings"]["batch_size"]) == (4, 8)
    file.write_text("step = 5")
    assert "steps" in call(capsys, "train", "cournot", "--config", file, "-o", tmp_path / "other")[2]
    file.write_text("steps = = 5")
    assert "is not TOML" in call(capsys, "train", "cournot", "--config", file, "-o", tmp_path / "other")[2]


def test_a_file_trains_and_is_not_exchanged_under_the_run(capsys, tmp_path):
    game = tmp_path / "game.nfg"
    text = 'NFG 1 R "dominance" { "a" "b" } { 2 2 }\n\n3 3 0 5 5 0 1 1\n'
    game.write_text(text)
    path = tmp_path / "run"
    assert call(capsys, "train", game, "--steps", 160, *TINY, "-o", path)[0] == 0
    game.write_text(text.replace("3 3", "9 9"))
    for command in ("resume", "evaluate"):
        status, _, err = call(capsys, command, path)
        assert (status, "has changed" in err) == (2, True)
    game.write_text(text)
    assert call(capsys, "resume", path)[0] == 0


def test_evaluate_and_report(capsys, single, tmp_path):
    status, out, _ = call(capsys, "evaluate", single, "--plays", 50, "--json")
    report = json.loads((single / "report.json").read_text())
    assert status == 0
    assert json.loads(out)["seeds"][0]["profile"] == report["final_profile"]
    assert call(capsys, "evaluate", single)[0] == 0
    status, out, _ = call(capsys, "report", single, single, "-o", tmp_path / "page.html")
    assert (status, out.strip()) == (0, str(tmp_path / "page.html"))
    assert call(capsys, "report", tmp_path, "-o", tmp_path / "x.html")[0] == 2


def test_resuming_what_is_finished_changes_no_number(capsys, single):
    before = (single / "metrics.jsonl").read_bytes()
    assert call(capsys, "resume", single)[0] == 0
    assert (single / "metrics.jsonl").read_bytes() == before


def test_help_is_quick_and_loads_no_torch():
    code = (
        "import sys; from equilibrist.cli import group; from gametheory.commands.terminal import run; "
        "run(group, ['train', '--help']); "
        "assert not {'torch', 'scipy', 'matplotlib', 'numba'} & set(sys.modules)"
    )
    out = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, cwd=ROOT, timeout=60
    )
    assert "equilibrist train cournot" in out.stdout


def test_a_sweep_from_the_command_line_resumes_and_ranks(capsys, tmp_path):
    path = tmp_path / "sweep"
    arguments = ["sweep", "cournot", "--algorithm", "matd4,soft-matd4", "--steps", 160, *TINY, "--jobs", 2]
    status, out, err = call(capsys, *arguments, "-o", path, "--json")
    assert status == 0, err
    rows = json.loads(out)["trials"]
    assert {row["over"]["algorithm"] for row in rows} == {"matd4", "soft-matd4"}
    status, out, _ = call(capsys, "resume", path)
    assert status == 0
    assert "soft-matd4" in out
    assert str(path / "results.csv") in out
    status, _, err = call(capsys, *arguments, "-o", path)
    assert status == 2
    assert f"equilibrist resume {path}" in err
    assert call(capsys, "sweep", "cournot", "-o", tmp_path / "none")[0] == 2
    assert not (tmp_path / "none").exists()


def test_a_folder_of_runs_points_to_one_of_them(capsys, tmp_path):
    """A sweep, a lab, and a folder that runs lie in: each names a run that exists, and how all of it goes on."""
    import shutil

    sweep, lab = tmp_path / "sweep", tmp_path / "lab"
    grid = ["--over", "actor_rate=1e-3,2e-3", "--steps", 160, *TINY]
    assert call(capsys, "sweep", "cournot", *grid, "-o", sweep, "--jobs", 1)[0] == 0
    shutil.copytree(sweep, lab / "trials")
    (lab / "grid.json").write_text("{}")
    for command in (["evaluate"], ["report", "-o", tmp_path / "page.html"], ["resume"]):
        for place, inside, goes_on in (
            (sweep, sweep / "trial-000", f"equilibrist resume {sweep}"),
            (lab, lab / "trials" / "trial-000", f"equilibrist lab -o {lab}"),
            (tmp_path, sweep / "trial-000", ""),
        ):
            if (command, place) == (["resume"], sweep):
                continue  # a sweep goes on as a whole
            status, out, err = call(capsys, *command, place)
            assert (status, out, err.count("\n")) == (2, "", 1)
            assert f"for example {inside}" in err
            assert goes_on in err
            assert (inside / "config.json").exists()
    assert call(capsys, "evaluate", sweep / "trial-000", "--plays", 4)[0] == 0
    (tmp_path / "empty").mkdir()
    assert "is missing" in call(capsys, "evaluate", tmp_path / "empty")[2]


EXPLODES = ["--set", "critic_rate=1e30", "--set", "random_steps=8", "--steps", 160]


@pytest.mark.parametrize("seeds", [[], ["--seeds", 2]])
def test_a_run_that_diverged_is_evaluated_and_not_trained_again(capsys, tmp_path, seeds):
    path = tmp_path / "run"
    status, out, err = call(
        capsys, "train", "matching-pennies", *TINY, *EXPLODES, *seeds, "--require-convergence", "-o", path
    )
    assert (status, "verdict: diverged" in out) == (1, True), err
    own = path / "seed-1" if seeds else path
    before = {file: file.read_bytes() for file in own.rglob("*.pt")}
    status, out, _ = call(capsys, "evaluate", path, "--plays", 4)
    assert status == 0
    assert f"seed {1 if seeds else 0} diverged (" in out
    status, out, err = call(capsys, "resume", path)
    assert (status, "verdict: diverged" in out) == (0, True)
    assert f"{own} diverged, would do so again, and is left as it is" in err
    assert {file: file.read_bytes() for file in own.rglob("*.pt")} == before
    status, _, err = call(capsys, "resume", own, "--from", next(iter(before)))
    assert (status, "left as it is" in err) == (0, False)
    assert json.loads((own / "report.json").read_text())["verdict"] == "diverged"
    assert (own / "report.json.set-aside").exists()


@pytest.mark.parametrize("algorithm", ["soft-matd4", "nfsp"])
def test_poker_is_trained_measured_and_reported(capsys, tmp_path, algorithm):
    """Legal sets, own histories, exact NashConv: Leduc poker from the command line."""
    path = tmp_path / "run"
    tiny = [*("--set", "training.evaluations=20"), *("--set", "training.plays=4"), "--steps", 160]
    status, out, err = call(capsys, "train", "leduc-poker", "--algorithm", algorithm, *tiny, "-o", path)
    assert status == 0, err
    report = json.loads((path / "report.json").read_text())
    assert 0 < report["nash_conv"]["last"] < 13
    assert report["certificates"]["last"]["nash_conv"] == pytest.approx(report["nash_conv"]["last"])
    assert (path / "metrics.csv").read_text().count("\n") == 22
    assert (path / "nash_conv.png").exists()
    assert "profile reached" not in out
    status, out, _ = call(capsys, "evaluate", path, "--plays", 20, "--json")
    assert json.loads(out)["seeds"][0]["nash_conv"] == pytest.approx(report["nash_conv"]["last"])
