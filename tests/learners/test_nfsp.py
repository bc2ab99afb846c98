"""Neural fictitious self-play against hand-computed numbers, and held to exact answers."""

import io
from typing import Any

import numpy as np
import pytest
import torch
from torch.nn import functional
from torch.testing import assert_close

from environments import find
from gametheory.errors import GameError
from gametheory.game import NULL, Box, Discrete, Spec
from learners.experience.anticipatory import BEST
from learners.learner import Transition
from learners.nfsp import NFSP
from learners.registry import make
from learners.running.monitor import Monitor
from learners.running.rollout import advance, begin
from learners.trainer import train
from learners.training import TrainingSettings

SMALL = {"batch_size": 8, "replay_size": 40, "reservoir_size": 30, "hidden": (8,)}


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


def learner(seed: int = 0, sizes: tuple[int, int] = (3, 2), **settings: Any) -> NFSP:
    specs: tuple[Spec, ...] = (Discrete(4), Discrete(4))
    out = make("nfsp", specs, tuple(map(Discrete, sizes)), seed=seed, settings=SMALL | settings)
    assert isinstance(out, NFSP)
    return out


def step(seen: Any, actions: Any, rewards: Any, after: Any, **changes: Any) -> Transition:
    """One play of two agents; −1 is ⊥, and who sees something acts."""
    base = Transition(
        observations=tuple(np.array([own]) for own in seen),
        actions=tuple(np.array([own]) for own in actions),
        rewards=np.array([rewards], dtype=float),
        next_observations=tuple(np.array([own]) for own in after),
        discount=np.array([0.5]),
        terminated=np.array([False]),
        truncated=np.array([False]),
        acting=np.array([[own != NULL for own in seen]]),
        legal=(None, None),
        next_legal=(None, None),
        carries=(np.array([BEST], dtype=np.int8),) * 2,
    )
    return base._replace(**changes)


def stored(made: NFSP, agent: int) -> list[tuple[float, ...]]:
    """(seen, action, reward, continuation, seen next) of the replay."""
    out = []
    for row in made._recent._rows[agent, : made._recent.sizes[agent]]:
        seen, action, reward, continues, following, _ = torch.split(row, list(made._recent._widths))
        ahead = int(following.argmax()) if following.any() else NULL
        out.append((int(seen.argmax()), action.item(), reward.item(), continues.item(), ahead))
    return out


class TestTurns:
    def test_rewards_between_own_turns_are_the_decisions(self) -> None:
        made = learner()
        made.observe(step((0, NULL), (1, 0), (1.0, -1.0), (NULL, 1)))
        made.observe(step((NULL, 1), (0, 1), (2.0, -2.0), (2, NULL)))
        made.observe(step((2, NULL), (0, 0), (4.0, -4.0), (NULL, 3), terminated=np.array([True])))
        assert stored(made, 0) == [(0, 1.0, 1.0 + 0.5 * 2.0, 0.25, 2), (2, 0.0, 4.0, 0.0, NULL)]
        assert stored(made, 1) == [(1, 1.0, -2.0 - 0.5 * 4.0, 0.0, 3)]  # the end, not read

    def test_a_decision_cut_off_in_anothers_turn_is_not_learned_from(self) -> None:
        made = learner()
        made.observe(step((0, NULL), (1, 0), (1.0, -1.0), (NULL, 1), truncated=np.array([True])))
        assert stored(made, 0) == []

    def test_a_value_follows_where_a_play_is_only_cut_off(self) -> None:
        made = learner()
        made.observe(step((0, 1), (1, 0), (1.0, -1.0), (2, 3), truncated=np.array([True])))
        assert [stored(made, i) for i in (0, 1)] == [[(0, 1.0, 1.0, 0.5, 2)], [(1, 0.0, -1.0, 0.5, 3)]]

    def test_the_reservoir_has_the_decisions_of_best_responses_alone(self) -> None:
        made = learner()
        average = (np.array([0], dtype=np.int8), np.array([BEST], dtype=np.int8))
        made.observe(step((0, NULL), (1, 0), (0.0, 0.0), (NULL, 1), carries=average))
        made.observe(step((NULL, 3), (0, 1), (0.0, 0.0), (2, NULL), carries=average))
        assert made._reservoir.sizes.tolist() == [0, 1]
        seen, action, legal = torch.split(made._reservoir._rows[1, 0], [4, 1, 3])
        assert (int(seen.argmax()), action.item(), legal.tolist()) == (3, 1.0, [1, 1, 0])

    def test_carries_are_needed(self) -> None:
        with pytest.raises(GameError, match="hand over `carries`"):
            learner().observe(step((0, NULL), (1, 0), (1.0, -1.0), (NULL, 1), carries=()))


def network(weights: list[torch.Tensor], agent: int, x: torch.Tensor) -> torch.Tensor:
    hidden = functional.relu(functional.linear(x, weights[0][agent].T, weights[1][agent, 0]))
    return functional.linear(hidden, weights[2][agent].T, weights[3][agent, 0])


class TestLosses:
    """Against plain loops over agents and decisions."""

    def test_value_loss(self) -> None:
        made = learner()
        made._scale.deviation = np.array([2.0, 4.0])
        for tensor in made._values.targets:
            tensor.mul_(1.5)
        eye = torch.eye(4)
        legal = torch.tensor([[1.0, 1, 0], [1, 1, 1]]), torch.tensor([[1.0, 0, 0], [1, 1, 0]])
        rows = []  # per agent and decision: seen, action, reward, continues, next, next legal
        for i in range(2):
            rows.append(
                [
                    (eye[0], 1, 3.0, 0.9, eye[2], legal[i][0]),
                    (eye[3], 0, -2.0, 0.0, torch.zeros(4), legal[i][1]),
                ]
            )
        expected = 0.0
        for i, deviation in enumerate((2.0, 4.0)):
            for seen, action, reward, continues, following, may in rows[i]:
                q = network(made._values.weights, i, following)
                best = max((a for a in range(3) if may[a]), key=lambda a: q[a].item())
                ahead = network(made._values.targets, i, following)[best]
                y = reward / deviation + continues * ahead
                expected += (network(made._values.weights, i, seen)[action] - y.detach()) ** 2 / 2
        batch = tuple(
            torch.stack([torch.stack([torch.as_tensor(row[k]).reshape(-1) for row in own]) for own in rows])
            for k in range(6)
        )
        made._recent.counts[:] = 2
        assert_close(made._value_loss(tuple(part.float() for part in batch)), expected)

    def test_imitation_loss(self) -> None:
        made = learner()
        with torch.no_grad():
            made._average.weights[3].copy_(torch.tensor([[[0.0, 1.0, 5.0]], [[2.0, 0.0, 7.0]]]))
            made._average.weights[2].zero_()
        seen, action = torch.zeros(2, 1, 4), torch.tensor([[[1.0]], [[0.0]]])
        legal = torch.tensor([[[1.0, 1, 1]], [[1.0, 1, 0]]])
        made._reservoir.counts[:] = 1
        one = np.log(1 + np.e + np.e**5) - 1.0
        two = np.log(np.e**2 + 1) - 2.0  # the third action is not legal
        assert made._imitation_loss((seen, action, legal)).item() == pytest.approx(one + two, rel=1e-6)
        made._reservoir.counts[:] = (1, 0)  # the second agent has nothing to imitate yet
        assert made._imitation_loss((seen, action, legal)).item() == pytest.approx(one, rel=1e-6)


def test_continuous_actions_are_refused_with_what_would_serve() -> None:
    with pytest.raises(GameError, match=r"NFSP cannot serve agent 1: its actions are continuous; .*MATD4"):
        make("nfsp", (Discrete(1),) * 2, (Discrete(2), Box([0.0], [1.0])), seed=0)


def test_like_agents_can_share_their_networks() -> None:
    made = make(
        "nfsp", (Discrete(4),) * 2, (Discrete(3),) * 2, seed=0, settings=SMALL, scheme="parameter-sharing"
    )
    assert isinstance(made, NFSP)
    assert len(made._values.weights[0]) == len(made._average.weights[0]) == 1
    one, two = made.policies()
    seen = np.arange(4)
    assert np.array_equal(one.probabilities(None, seen), two.probabilities(None, seen))  # type: ignore[attr-defined]


def same(one: Any, two: Any) -> bool:
    if isinstance(one, torch.Tensor):
        return torch.equal(one, two)
    if isinstance(one, np.ndarray):
        return np.array_equal(one, two)
    if isinstance(one, dict):
        return one.keys() == two.keys() and all(same(one[key], two[key]) for key in one)
    if isinstance(one, list | tuple):
        return len(one) == len(two) and all(map(same, one, two))
    return bool(one == two)


def test_a_continued_learner_is_the_same_learner() -> None:
    """On a game with turns, between two of which it is saved."""
    from learners.running.checkpoint import _decode, _encode

    game = find("kuhn-poker").game
    specs = game.observation_specs, game.action_specs

    def go_on(made: Any, rollout: Any, steps: int) -> Any:
        for _ in range(steps):
            rollout, transition, *_ = advance(game, made.behaviour(), rollout, 100)
            made.observe(transition)
            made.update()
        return rollout

    made = make("nfsp", *specs, seed=0, settings=SMALL)
    rollout = go_on(made, begin(game, made.behaviour(), seed=1, plays=4), 40)
    file = io.BytesIO()
    torch.save(_encode(made.state_dict()), file)
    file.seek(0)
    resumed = make("nfsp", *specs, seed=5, settings=SMALL)
    resumed.load_state_dict(_decode(torch.load(file, weights_only=True)))
    straight, again = go_on(made, rollout, 40), go_on(resumed, rollout, 40)
    assert same(made.state_dict(), resumed.state_dict())
    assert same(tuple(straight), tuple(again))


def test_a_state_of_another_learner_is_refused() -> None:
    with pytest.raises(GameError, match="saved by mmd; this learner is nfsp"):
        learner().load_state_dict({"algorithm": "mmd"})
    with pytest.raises(GameError, match="other sizes"):
        learner(hidden=(9,)).load_state_dict(learner().state_dict())


def tail(name: str, steps: int, seed: int, points: int = 20, **settings: Any) -> float:
    """Mean exact NashConv over the last quarter of the evaluation points."""
    training = TrainingSettings(steps=steps, evaluations=points, evaluation_plays=1)
    result = train(find(name), "nfsp", settings=settings, training=training, seed=seed)
    assert isinstance(result.monitor, Monitor)
    return float(np.mean([row["nash_conv"] for row in result.rows[-points // 4 :]]))


def test_the_average_policy_converges_in_matching_pennies() -> None:
    """One agent's payoffs go up to 320: uniform play, where it starts, has NashConv 60."""
    assert tail("asymmetric-matching-pennies", 48_000, 0) < 15


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0])
def test_the_average_policy_converges_in_kuhn_poker(seed: int) -> None:
    """Uniform play has NashConv 11/12; fictitious play falls like a power of time, not to 0."""
    assert tail("kuhn-poker", 256_000, seed) < 0.1
