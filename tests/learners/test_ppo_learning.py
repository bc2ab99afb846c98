"""IPPO on games with known answers, with memory and without."""

from typing import Any

import numpy as np
import pytest
from ppo_turns import Place

from environments import Environment, find
from gametheory import streams
from gametheory.game import Discrete, Step
from gametheory.numerics import Array
from learners import TrainingSettings, train


class Recall:
    """One agent is shown a bit, then nothing for ``wait`` moves; naming the bit at last earns 1.

    Without memory the last move is the same law whatever the bit was: a half is the most there is.
    """

    agents = ("a",)
    action_specs = (Discrete(2),)
    observation_specs = (Discrete(3),)

    def __init__(self, wait: int = 2) -> None:
        self.wait = wait

    def reset(self, keys: Any) -> Step[Place]:
        bit = (streams.uniform(keys, 0, 1)[:, 0] < 0.5).astype(np.int64)
        return self._step(Place(keys, np.zeros(len(keys), dtype=np.int64), bit), np.zeros(len(keys)))

    def step(self, state: Place, actions: Any) -> Step[Place]:
        right = (actions[0] == state.bit) & (state.time == self.wait)
        return self._step(state._replace(time=state.time + 1), right.astype(np.float64))

    def acting(self, state: Place) -> Any:
        return np.ones((len(state.keys), 1), dtype=bool)

    def legal(self, state: Place) -> Any:
        return (None,)

    def _step(self, state: Place, paid: Array) -> Step[Place]:
        seen = np.where(state.time == 0, state.bit, 2)
        return Step(state, (seen,), paid[:, None], np.ones(len(paid)), state.time > self.wait)


def quick(**changes: Any) -> TrainingSettings:
    return TrainingSettings(**({"steps": 16_000, "evaluations": 20, "evaluation_plays": 8} | changes))


@pytest.mark.parametrize("name", ["prisoners-dilemma", "stag-hunt"])
def test_ippo_reaches_an_equilibrium(name: str) -> None:
    result = train(find(name), "ippo", training=quick(steps=9_600, evaluations=2), seed=0)
    assert result.rows[-1]["nash_conv"] <= 0.01 * result.monitor.reference.payoff_range  # type: ignore[union-attr]


def recalled(recurrent: bool) -> float:
    """Mean of 1,000 plays of the learned policy."""
    settings = {
        "recurrent": recurrent,
        "sequence": 4,
        "horizon": 256,
        "actor_rate": 1e-2,
        "critic_rate": 1e-2,
        "memory": 16,
        "actor_hidden": (16,),
        "critic_hidden": (16,),
    }
    game = Environment("recall", Recall(), None)
    result = train(game, "ippo", settings=settings, training=quick(steps=6_400, evaluations=2), seed=0)
    assert result.returns is not None
    return float(result.returns.mean())


def test_memory_solves_what_no_memoryless_policy_can() -> None:
    assert recalled(True) > 0.95
    # a half is the most there is: four deviations of the mean above it
    assert recalled(False) < 0.5 + 4 * 0.5 / 1000**0.5


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    "name", ["prisoners-dilemma", "stag-hunt", "battle-of-the-sexes", "chicken", "cournot"]
)
def test_every_seed_converges_on_games_with_pure_equilibria(name: str, seed: int) -> None:
    result = train(find(name), "ippo", training=TrainingSettings(), seed=seed)
    assert result.judgement.verdict == "converged"


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
def test_matching_pennies_cycles(seed: int) -> None:
    constant = {"rate_decay": 0.0, "entropy": 0.1, "entropy_decay": 0.0}
    result = train(
        find("matching-pennies"),
        "ippo",
        settings=constant,
        training=TrainingSettings(steps=128_000),
        seed=seed,
    )
    assert result.judgement.verdict == "cycles"
