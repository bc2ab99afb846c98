"""Playing by hand: lines, keys, what is shown and what is not, ends and mistakes."""

import io
import sys

import numpy as np
import pytest

pytest.importorskip("PIL", reason="the extra `plots` is not installed")

from environments import make
from environments.cli_play import main
from environments.drawing import first_moment
from environments.drawing.text import in_letters
from environments.fronts import Stopped, WindowFront, open_front, read_key
from environments.hand import Hand, first_chooser
from gametheory import streams
from gametheory.commands.terminal import BAD_INPUT, run
from gametheory.errors import GameError


@pytest.fixture
def play(monkeypatch, capsys):
    """(status, output, errors) of `play` with these lines as its input."""

    def call(lines, *arguments):
        monkeypatch.setattr(sys, "stdin", io.StringIO(lines))
        status = run(main, ["play", *map(str, arguments)])
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return call


def start(name, viewer=None, **parameters):
    game = make(name, **parameters)
    return first_moment(game, game.reset(streams.seed_keys(0, 1)), name, viewer=viewer)


def test_lines_are_played_and_returns_told(play):
    status, out, err = play("0.5 # a comment\n", "cournot", "--agent", "firm 2")
    assert status == 0
    assert "firm 2 (you): sees start; did 0.5" in out
    assert "firm 1: sees start; did 3" in out, "the other plays the equilibrium"
    # q (10 − Q − 1): 3 · 5.5 and 0.5 · 5.5
    assert "16.5" in out
    assert "2.75" in out
    assert "the play is over after 1 step" in err


def test_labels_their_beginnings_and_numbers_name_actions(play):
    outcomes = {play(f"{line}\n", "stag-hunt", "--against", "random")[1] for line in ("stag", "s", "1")}
    assert len(outcomes) == 1
    assert play("2\n", "stag-hunt", "--against", "random")[1] not in outcomes


def test_the_end_of_the_lines_stops_the_play(play):
    for lines in ("right\nright\n", "right\nup\nq\nleft\n"):
        status, out, err = play(lines, "simple")
        assert status == 0
        assert "stopped after 2 steps" in err
        assert "simple, step 2" in out
        assert "step 3" not in out


def test_moving_right_shows_on_the_map():
    def column(text):
        return next(line.index("A") for line in text.splitlines() if line.startswith("|") and "A" in line)

    moment = start("simple")
    bodies = moment.step.state.bodies.copy()
    bodies[0, 0, 0] += 0.4
    moved = moment.step._replace(state=moment.step.state._replace(bodies=bodies))
    assert column(in_letters(first_moment(moment.game, moved, "simple"))) > column(in_letters(moment))


def test_a_person_is_not_told_what_its_agent_does_not_see(play):
    _, out, _ = play("bet\n", "kuhn-poker", "--seed", "3")
    begun = out.split("step 2")[0]
    assert "agent 2: sees what you do not" in begun
    assert "(you): sees" in begun
    moment = start("simple_speaker_listener", viewer=1)
    assert "goal" not in in_letters(moment)
    assert "goal of listener_0" in in_letters(start("simple_speaker_listener", viewer=0))


def test_watching_needs_no_lines(play):
    status, out, err = play("", "simple_spread", "--watch", "--steps", 3)
    assert status == 0
    assert "simple_spread, step 3, the end" in out
    assert "(you)" not in out
    assert "over after 3 steps" in err


def test_boards_are_drawn_in_letters(play):
    _, out, _ = play("middle centre\n", "tic-tac-toe")
    assert ". . .\n. X .\n. . ." in out
    _, out, _ = play("", "pursuit")
    assert "p . .\n. # .\n. . e" in out


@pytest.mark.parametrize(
    ("lines", "arguments", "message"),
    [
        ("fly\n", ["simple"], "line 1 of the input: 'fly' is no action of agent_0"),
        ("\n# nothing\n6\n", ["simple"], "line 3 of the input: '6'"),
        ("1 2\n", ["cournot"], "type 1 numbers in 0 … 9"),
        ("nan\n", ["cournot"], "is no action of firm 1"),
        ("ten\n", ["cournot"], "'ten' is no action"),
        ("", ["simpel"], "did you mean simple"),
        ("", ["simple_tag", "--agent", "agent0"], "did you mean agent_0"),
        ("", ["simple", "--against", "nobody"], "unknown policy"),
        ("", ["simple", "--watch", "--agent", "agent_0"], "--watch is for nobody"),
        ("", ["simple_tag", "--set", "good=0"], "good is 0"),
        ("", ["simple", "--steps", "0"], "--steps"),
    ],
)
def test_mistakes_are_one_line(play, lines, arguments, message):
    status, _, err = play(lines, *arguments)
    assert status == BAD_INPUT
    assert message in err
    assert err.count("\n") == 1


def test_an_illegal_square_is_refused():
    game = make("tic-tac-toe")
    step = game.reset(streams.seed_keys(0, 1))
    step = game.step(step.state, (np.array([4]), np.array([0])))
    moment = first_moment(game, step, "tic-tac-toe")
    hand = Hand(1)
    assert len(hand.offers(moment)) == 8
    with pytest.raises(GameError, match="'middle centre' is no action of O"):
        hand.line(moment, "middle centre")


def test_arrows_move_in_every_form_of_action():
    for name, key, action in (
        ("simple", "right", [2]),
        ("simple", "up", [4]),
        ("simple", "space", [0]),
        ("pursuit", "left", [3]),  # north, south, east, west, stand
        ("pursuit", "space", [4]),
    ):
        _, chosen = Hand(0).press(start(name), key)
        assert chosen.tolist() == action
    _, pushed = Hand(0).press(start("simple", discrete=False), "down")
    assert pushed.tolist() == [[0, -1]]
    assert Hand(0).press(start("simple"), "x") == (Hand(0), None)


def test_digits_choose_the_word_that_goes_with_the_next_move():
    moment = start("simple_reference")
    hand, nothing = Hand(0).press(moment, "7")
    assert nothing is None
    _, action = hand.press(moment, "right")
    labels = moment.game.action_specs[0].labels
    assert labels[action[0]] == "right, say 7"
    vectors = start("simple_reference", discrete=False)
    _, pushed = hand.press(vectors, "left")
    assert pushed[0].tolist() == [-1, 0, *np.eye(10)[7]]


def test_every_agent_that_chooses_is_told_how():
    for name in ("simple_world_comm", "simple_crypto", "cournot", "soccer", "leduc-poker", "simple_confuse"):
        moment = start(name)
        for i in range(len(moment.game.agents)):
            assert Hand(i).prompt(moment)
    assert first_chooser(start("ticks")) == 0


def test_keys_of_a_terminal_are_read_one_by_one():
    pty = pytest.importorskip("pty")
    import os

    ours, theirs = pty.openpty()
    os.write(ours, b"\x1b[C\x1bOAx q")
    with open(theirs, encoding="utf-8") as lines:
        assert [read_key(lines) for _ in range(5)] == ["right", "up", "x", "space", "q"]
    os.close(ours)


class FakeWindow:
    """Keys from a list; remembers what it showed."""

    def __init__(self, keys):
        self.keys, self.shown, self.closed = list(keys), [], False

    def show(self, pixels, caption=""):
        self.shown.append((pixels.shape, caption))

    def key(self):
        return self.keys.pop(0)

    def rest(self, seconds):
        pass

    def close(self):
        self.closed = True


def window_front(monkeypatch, keys):
    fake = FakeWindow(keys)
    monkeypatch.setattr("environments.drawing.window.Window", lambda title: fake)
    return WindowFront("a game", 320), fake


def test_a_window_takes_keys_and_typed_lines(monkeypatch):
    front, fake = window_front(monkeypatch, ["z", "right", "q"])
    hand, action = front.ask(start("simple", viewer=0), Hand(0))
    assert action.tolist() == [2]
    assert fake.shown[0][0] == (214, 320, 3)
    assert "arrows move" in fake.shown[0][1]
    with pytest.raises(Stopped):
        front.ask(start("simple", viewer=0), hand)
    front, fake = window_front(monkeypatch, ["x", "enter", "4", "7", "backspace", ".", "5", "enter"])
    _, action = front.ask(start("cournot", viewer=0), Hand(0))
    assert action.tolist() == [[4.5]]
    assert any("'x' is no action" in caption for _, caption in fake.shown)
    assert any(caption.endswith("> 4.5") for _, caption in fake.shown)


def test_without_a_display_the_terminal_is_used(monkeypatch, capsys):
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.setattr("sys.stdin", io.StringIO())
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    front = open_front("a game", terminal=False, width=320)
    assert type(front).__name__ == "TerminalFront"
    assert "playing in the terminal" in capsys.readouterr().err
