"""A run goes on with the game and the algorithm that it began with, or says what has changed."""

import json
import sys
from itertools import count
from pathlib import Path

import pytest

from equilibrist.cli import group
from gametheory.commands.terminal import run
from gametheory.errors import GameError
from learners.running.runs import RunConfig, RunFolder
from learners.running.sources import algorithm_digest, file_digest
from learners.training import TrainingSettings

NUMBERS = count()
LEARNER = """
from learners.registry import make

def mine(observation_specs, action_specs, *, seed, rate: float = 0.01):
    small = {"batch_size": 16, "random_steps": 0, "actor_rate": rate, "actor_hidden": (8,), "critic_hidden": (8,)}
    return make("matd3", observation_specs, action_specs, seed=seed, settings=small)
"""


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A user's package that names what its module ``core`` defines, and its name."""
    name = f"brought_{next(NUMBERS)}"
    (tmp_path / name).mkdir()
    (tmp_path / name / "core.py").write_text(LEARNER)
    (tmp_path / name / "__init__.py").write_text(
        "from functools import partial\n"
        "from gametheory import NormalForm\n"
        "from learners.maddpg import MADDPG as ours\n"
        "from learners.settings import Algorithm\n"
        "from .core import mine\n"
        "algorithm = Algorithm(ours.settings, partial(mine, rate=0.1), ('concurrent',))\n"
        "game = NormalForm([[[1, 0], [0, 1]], [[0, 1], [1, 0]]])\n"
    )
    monkeypatch.chdir(tmp_path)
    yield name
    for loaded in [own for own in sys.modules if own.partition(".")[0] == name]:
        del sys.modules[loaded]


@pytest.mark.parametrize("attribute", ["mine", "algorithm"])
@pytest.mark.parametrize("file", ["core.py", "__init__.py"])
def test_the_files_that_name_and_define_an_algorithm_count(package, attribute, file):
    place = f"{package}:{attribute}"
    before = algorithm_digest(place)
    assert before == algorithm_digest(place) != ""
    path = Path(package) / file
    path.write_text(path.read_text() + "\n# another word\n")
    assert algorithm_digest(place) != before


def test_what_is_ours_has_a_version_instead(package):
    assert algorithm_digest("maddpg") == algorithm_digest("learners.maddpg:MADDPG") == ""
    assert file_digest("matching-pennies") == ""
    assert file_digest(f"{package}:game") != ""


def test_new_folders_note_it_old_ones_did_not(tmp_path, package):
    training = TrainingSettings(steps=160, plays=4, evaluations=20)
    config = RunConfig("matching-pennies", {}, f"{package}:mine", "own", {}, training, (0, 1))
    begun = RunFolder.create(tmp_path / "run", config)
    noted = algorithm_digest(f"{package}:mine")
    for folder in (begun, *begun.seed_folders()):
        assert RunFolder.open(folder.path).config.algorithm_source == noted
    ours = RunFolder.create(tmp_path / "ours", RunConfig("x", {}, "maddpg", "ct-de", {}, training, (0,)))
    assert "algorithm_source" not in json.loads((ours.path / "config.json").read_text())
    (Path(package) / "core.py").write_text(LEARNER.replace("0.01", "0.02"))
    with pytest.raises(GameError, match="has changed since"):
        begun.check_source()
    ours.check_source()
    old = json.loads((begun.path / "config.json").read_text())
    del old["algorithm_source"]
    (begun.path / "config.json").write_text(json.dumps(old))
    RunFolder.open(begun.path).check_source()  # begun before sources were noted: nobody can tell


def test_an_edited_algorithm_is_not_mixed_into_a_run(capsys, tmp_path, package):
    """A whole life on the command line: trained, edited, refused with the way out, restored, resumed."""
    source, path = Path(package) / "core.py", tmp_path / "run"

    def command(*arguments):
        status = run(group, [str(part) for part in arguments])
        return status, capsys.readouterr().err

    short = ["--steps", "160", "--set", "training.plays=4", "--set", "training.evaluations=20"]
    begun = command("train", f"{package}:game", "--algorithm", f"{package}:mine", *short, "-o", path)
    assert begun[0] == 0, begun
    source.write_text(LEARNER.replace("0.01", "0.02"))
    for asked in ("resume", "evaluate"):
        status, error = command(asked, path)
        assert status == 2
        assert error.count("\n") == 1, error
        assert f"{package}:mine has changed since {path}" in error
        assert "restore it, or train anew into another folder" in error
    source.write_text(LEARNER)
    assert command("resume", path)[0] == 0
