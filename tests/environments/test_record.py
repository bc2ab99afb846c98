"""Films: as many pictures as moments, in order; nothing spoiled by a failure; mistakes in one line."""

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("PIL", reason="the extra `plots` is not installed")

from PIL import Image

from environments import find
from environments.cli_record import main
from environments.drawing import film, picture
from environments.drawing.film import steady, still, write_film
from environments.drivers import baseline_policies, driver, episode, has_baseline
from gametheory import streams
from gametheory.commands.terminal import BAD_INPUT, run
from gametheory.errors import GameError, UnknownName


def recorded(*arguments):
    return run(main, ["record", *map(str, arguments)])


def pictures(path):
    with Image.open(path) as opened:
        for k in range(opened.n_frames):
            opened.seek(k)
            yield np.array(opened.convert("RGB")), opened.info["duration"]


def test_ten_steps_make_eleven_pictures_of_the_play(tmp_path, capsys):
    path = tmp_path / "spread.gif"
    assert recorded("simple_spread", "-o", path, "--steps", 10, "--seed", 3, "--size", 320) == 0
    assert "11 pictures" in capsys.readouterr().err
    shown = list(pictures(path))
    assert [duration for _, duration in shown] == [100] * 10 + [1500]
    moments = steady([list(episode(find("simple_spread"), None, seed=3, steps=10))])
    for (pixels, _), (moment, _) in zip(shown, moments, strict=True):
        true = picture(moment, 320).astype(int)
        assert pixels.shape == true.shape
        assert np.abs(pixels - true).mean() < 3, "few colours may change shades, no more"
    assert [own.name for own in tmp_path.iterdir()] == ["spread.gif"]


def test_several_plays_follow_each_other(tmp_path):
    path = tmp_path / "stag.gif"
    assert (
        recorded("stag-hunt", "-o", path, "--episodes", 3, "--fps", 2, "--policy", "random", "--size", 200)
        == 0
    )
    assert [duration for _, duration in pictures(path)] == [500, 1500] * 3


def test_mp4(tmp_path):
    av = pytest.importorskip("av", reason="the extra `video` is not installed")
    path = tmp_path / "tag.mp4"
    assert recorded("simple_tag", "-o", path, "--steps", 5, "--size", 333) == 0
    with av.open(str(path)) as opened:
        frames = list(opened.decode(video=0))
    assert (frames[0].width, frames[0].height) == (334, 222)
    assert len(frames) == 5 + 15  # the last stays for 1.5 seconds


def test_without_pyav_the_error_names_the_extra(tmp_path, capsys, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "av", None)
    assert recorded("simple", "-o", tmp_path / "x.mp4") == BAD_INPUT
    assert "equilibrist[video]" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["simpel", "-o", "x.gif"], "did you mean simple"),
        (["simple", "-o", "x.png"], "end it in .gif or .mp4"),
        (["simple", "-o", "nowhere/x.gif"], "there is no folder 'nowhere'"),
        (["simple_spread", "-o", "x.gif", "--policy", "baselin"], "did you mean baseline"),
        (
            ["simple_tag", "-o", "x.gif", "--policy", "baseline"],
            "no scripted baseline for simple_tag; choose random",
        ),
        (["simple", "-o", "x.gif", "--size", "5"], "must lie in 160"),
        (["simple_tag", "-o", "x.gif", "--set", "god=2"], "did you mean good"),
        (["simple_tag", "-o", "x.gif", "--set", "good"], "takes PARAMETER=VALUE"),
        (["simple_tag", "-o", "x.gif", "--set", "good=many"], "it must be a whole number"),
        (["simple", "-o", "x.gif", "--fps", "0"], "--fps"),
    ],
)
def test_mistakes_are_one_line_and_leave_nothing(arguments, message, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert recorded(*arguments) == BAD_INPUT
    said = capsys.readouterr().err
    assert message in said
    assert said.count("\n") == 1
    assert not list(tmp_path.iterdir())


def test_a_failure_keeps_the_old_film(tmp_path, monkeypatch):
    path = tmp_path / "kept.gif"
    path.write_bytes(b"old")
    moments = steady([list(episode(find("simple"), None, seed=0, steps=3))])
    painted = iter(range(4))

    def failing(scene, width):
        if next(painted) == 3:
            raise OSError(28, "No space left on device")
        return np.zeros((100, 160, 3), dtype=np.uint8)

    monkeypatch.setattr(film, "paint", failing)
    with pytest.raises(GameError, match="no space left"):
        write_film(path, moments, fps=10, width=160)
    assert path.read_bytes() == b"old"
    assert [own.name for own in tmp_path.iterdir()] == ["kept.gif"]


def test_parameters_reach_the_game_and_the_seed_fixes_the_film(tmp_path):
    paths = [tmp_path / f"{k}.gif" for k in range(3)]
    for path, seed in zip(paths, (1, 1, 2), strict=True):
        shared = ["--set", "firms=3", "--policy", "random", "--size", 200]
        assert recorded("cournot", "-o", path, "--seed", seed, *shared) == 0
    one, same, other = (path.read_bytes() for path in paths)
    assert one == same != other


def test_the_baseline_of_a_continuous_game_is_its_equilibrium():
    environment = find("cournot", {"firms": 3})
    end = list(episode(environment, "baseline", seed=0))[-1]
    wanted = [float(own[0]) for own in environment.formal.equilibria()[0]]
    assert [own[0, 0] for own in end.actions] == wanted == [9 / 4] * 3
    assert end.over


def test_who_has_no_baseline_plays_at_random():
    environment = find("simple_tag")
    assert not has_baseline(environment)
    keys = streams.seed_keys(0, 1)
    step = environment.game.reset(keys)
    usual, asked = (driver(own, environment, keys).choose(step, 0) for own in (None, "random"))
    assert all(map(np.array_equal, usual, asked))
    with pytest.raises(GameError, match="no scripted baseline"):
        baseline_policies(environment)
    with pytest.raises(UnknownName, match="did you mean random"):
        driver("randm", environment, keys)


def test_a_play_ends_by_itself_or_after_its_steps():
    assert [own.time for own in episode(find("simple"), None, seed=0)][-1] == 25
    assert [own.over for own in episode(find("simple"), None, seed=0, steps=2)] == [False, False, True]
    assert [own.over for own in episode(find("chicken"), None, seed=0)] == [False, True]


def test_colours_that_tell_things_apart_survive_in_stills(tmp_path):
    moment = list(episode(find("simple_world_comm"), None, seed=0, steps=4))[-1]
    true = picture(moment)
    (tmp_path / "still.png").write_bytes(still(true))
    small = np.array(Image.open(tmp_path / "still.png").convert("RGB"))
    for colour in ((0, 114, 178), (0, 158, 115), (213, 94, 0), (230, 159, 0), (255, 255, 255)):
        there = (true == colour).all(axis=2)
        assert there.any()
        assert (small[there] == colour).all()


def test_every_registered_environment_has_a_still_and_a_line_on_its_page():
    from environments.registry import registered

    docs = Path(__file__).parent.parent.parent / "docs"
    if not docs.exists():
        pytest.skip("the pages are not beside the tests")
    page = (docs / "environments.md").read_text(encoding="utf-8")
    for entry in registered():
        place = docs / "pictures" / f"{entry.name}.png"
        assert place.exists(), f"draw {entry.name}: python scripts/pictures.py"
        assert place.stat().st_size < 40_000
        assert f"pictures/{entry.name}.png" in page, f"docs/environments.md says nothing of {entry.name}"
