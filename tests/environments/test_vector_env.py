"""The vector face is Gymnasium's own vector of one-play faces, row by row, in every mode."""

import numpy as np
import pytest

pytest.importorskip("gymnasium", reason="the extra `pettingzoo` is not installed")

from gymnasium.utils.env_checker import check_env, data_equivalence
from gymnasium.vector import AutoresetMode, SyncVectorEnv
from gymnasium.wrappers.vector import RecordEpisodeStatistics

from environments import check_game, find, make
from environments.gymnasium_env import GameEnv
from environments.one_agent import OneAgentGame
from environments.plays import Illegal
from environments.registry import registered
from environments.vector_env import GameVectorEnv
from gametheory.errors import GameError
from gametheory.evaluate import evaluate
from gametheory.planning.monte_carlo import monte_carlo
from gametheory.policy import TablePolicy, uniform_profile
from gametheory.posg import POSG
from gametheory.simulate import TabularGame

# Gymnasium also warns of what it only advises.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning", "ignore::DeprecationWarning")


def masked():
    """Who has seen "low" may not choose action 2; play ends with probability 1/4."""
    P = np.empty((3, 3, 3), dtype=object)
    P[:2] = ["3/8", "3/8", "1/4"]
    P[2] = [0, 0, 1]
    see = [[1, 0], [0, 1], [1, 0]]
    legal = [[True, True, False], [True, True, True]]
    rewards = np.arange(9).reshape(1, 3, 3)
    return TabularGame(POSG(P, rewards, [see], ["1/2", "1/2", 0], "9/10", initial_observations=[see], legal=[legal], terminal=[2]))  # fmt: skip


def sleepy():
    """The agent acts in one state of three; it sleeps through the others for a random time."""
    P = np.empty((4, 2, 4), dtype=object)
    P[0] = [[0, "1/2", "1/2", 0], [0, "1/4", "1/4", "1/2"]]
    P[1], P[2], P[3] = ["1/2", "1/4", "1/4", 0], ["1/4", 0, "1/4", "1/2"], [0, 0, 0, 1]
    one = np.ones((4, 1), dtype=int)
    null = [[False], [True], [True], [False]]
    rewards = [[[1, 2], [10, 10], [20, 20], [0, 0]]]
    return TabularGame(POSG(P, rewards, [one], [1, 0, 0, 0], "1/2", initial_observations=[one], null=null, terminal=[3]))  # fmt: skip


def alone(name):
    """One agent's view of a game, the others choosing at random."""
    game = make(name)
    return (
        game
        if len(game.agents) == 1
        else OneAgentGame(game, 0, [None, *uniform_profile(game.action_specs)[1:]])
    )


OWN = {"masked": masked, "sleepy": sleepy, "simple, vectors": lambda: make("simple", discrete=False)}
SEVERAL = ("chicken", "kuhn-poker", "dec-tiger", "simple_tag", "cournot")
GAMES = ("t-maze", "recall", "tiger", *SEVERAL, *OWN)


def game_of(name):
    return OWN[name]() if name in OWN else alone(name)


def same(left, right):
    """Equal in values, kinds and shapes; of the final observations in each row."""
    if isinstance(left, dict):
        assert left.keys() == right.keys()
        for key in left:
            same(left[key], right[key])
    elif isinstance(left, np.ndarray) and left.dtype == object:
        assert all(data_equivalence(a, b) for a, b in zip(left, right, strict=True))
    else:
        assert data_equivalence(left, right, exact=True), (left, right)


@pytest.mark.parametrize("mode", [AutoresetMode.NEXT_STEP, AutoresetMode.SAME_STEP])
@pytest.mark.parametrize("name", GAMES)
def test_it_is_gymnasiums_vector_of_one_play_faces(name, mode):
    game, batch = game_of(name), 3
    options = {"max_cycles": 5, "illegal": Illegal.REPLACE}
    vector = GameVectorEnv(game, batch, autoreset_mode=mode, **options)
    rows = SyncVectorEnv([lambda: GameEnv(game, **options)] * batch, autoreset_mode=mode)
    assert vector.observation_space == rows.observation_space
    assert vector.action_space == rows.action_space
    assert vector.metadata["autoreset_mode"] is mode
    vector.action_space.seed(0)
    same(vector.reset(seed=7), rows.reset(seed=7))
    for t in range(25):
        if t == 14:
            same(vector.reset(seed=[3, None, 5]), rows.reset(seed=[3, None, 5]))
        actions = vector.action_space.sample()
        ours = vector.step(actions)
        same(ours, rows.step(actions))
        assert vector.observation_space.contains(ours[0])


def test_vectors_outside_of_the_box_are_refused_or_moved_to_its_edge():
    game = make("cournot", firms=1)  # quantities in [0, 9]
    options = {"illegal": Illegal.REPLACE}
    vector, rows = GameVectorEnv(game, 3, **options), SyncVectorEnv([lambda: GameEnv(game, **options)] * 3)
    same(vector.reset(seed=0), rows.reset(seed=0))
    actions = np.array([[-1.0], [9.0], [12.0]])
    ours = vector.step(actions)
    same(ours, rows.step(actions))
    assert ours[4]["replaced"].tolist() == [True, False, True]
    assert ours[1].tolist() == [0, 0, 0]  # q (10 − q − 1) at 0 and 9
    vector.reset(seed=0)
    with pytest.raises(GameError, match="firm 1 in row 1 is"):
        vector.step(np.array([[0.0], [np.nan], [0.0]]))
    strict = GameVectorEnv(game, 1)
    strict.reset(seed=0)
    with pytest.raises(GameError, match="firm 1 in row 0 is"):
        strict.step(np.array([[12.0]]))


@pytest.mark.parametrize("name", ["masked", "sleepy", "t-maze"])
def test_rows_can_be_reset_by_hand(name):
    game, disabled = game_of(name), AutoresetMode.DISABLED
    options = {"max_cycles": 4, "illegal": Illegal.REPLACE}
    vector = GameVectorEnv(game, 4, autoreset_mode="Disabled", **options)
    rows = SyncVectorEnv([lambda: GameEnv(game, **options)] * 4, autoreset_mode=disabled)
    vector.action_space.seed(0)
    same(vector.reset(seed=1), rows.reset(seed=1))
    for _ in range(20):
        actions = vector.action_space.sample()
        ours = vector.step(actions)
        same(ours, rows.step(actions))
        over = ours[2] | ours[3]
        if over.any():
            with pytest.raises(GameError, match=f"row {int(over.argmax())} has ended"):
                vector.step(actions)
            same(vector.reset(options={"reset_mask": over}), rows.reset(options={"reset_mask": over}))


def test_the_final_observation_is_the_true_one_in_both_modes():
    game = make("recall", delay=0)  # cue, question, over
    symbols = {name: k for k, name in enumerate(game.observation_specs[0].labels)}
    ends = []
    for mode in (AutoresetMode.NEXT_STEP, AutoresetMode.SAME_STEP):
        face = GameVectorEnv(game, 2, autoreset_mode=mode)
        face.reset(seed=0)
        face.step(np.zeros(2, dtype=int))
        ends.append(face.step(np.zeros(2, dtype=int)))
        assert ends[-1][2].all()
    over = symbols["over"]
    assert ends[0][0].tolist() == [over, over]
    assert ends[1][4]["final_obs"].tolist() == [over, over]
    assert set(ends[1][0].tolist()) <= {symbols["cue 1"], symbols["cue 2"]}


def test_gymnasiums_wrapper_counts_the_returns():
    face = RecordEpisodeStatistics(GameVectorEnv(make("recall", delay=0), 64))
    face.reset(seed=0)
    face.step(np.zeros(64, dtype=int))
    _, rewards, _, _, infos = face.step(np.zeros(64, dtype=int))
    assert infos["episode"]["r"].tolist() == rewards.tolist()
    assert set(infos["episode"]["l"].tolist()) == {2}
    assert 0 < rewards.mean() < 1


@pytest.mark.parametrize("name", [entry.name for entry in registered()])
def test_every_registered_environment_has_a_vector_face_and_passes_gymnasiums_check(name):
    game = alone(name)
    check_env(GameEnv(game, max_cycles=6), skip_render_check=True)
    face = GameVectorEnv(game, 3, max_cycles=6)
    seen, _ = face.reset(seed=0)
    face.action_space.seed(0)
    for _ in range(9):
        assert face.observation_space.contains(seen)
        seen, rewards, *_ = face.step(face.action_space.sample())
        assert np.isfinite(rewards).all()


@pytest.mark.parametrize("name", SEVERAL)
def test_one_agents_view_keeps_the_contract(name):
    check_game(alone(name), steps=8)


def test_one_agents_view_is_worth_what_the_profile_is_worth():
    game = find("battle-of-the-sexes-2").formal
    simulated = TabularGame(game)
    weights = [np.full((spec.size, 2), share) for spec, share in zip(simulated.observation_specs, (0.25, 0.5), strict=True)]  # fmt: skip
    profile = [TablePolicy(np.stack([own[:, 0], 1 - own[:, 0]], axis=1)) for own in weights]
    expected = evaluate(game, profile, 2)
    for agent in range(2):
        view = OneAgentGame(simulated, agent, [None if i == agent else own for i, own in enumerate(profile)])
        found = monte_carlo(view, [profile[agent]], plays=20_000, seed=1, horizon=2)
        assert abs(found.mean[0] - expected[agent]) < 5 * found.standard_error[0]


def test_mistakes_are_named():
    game = masked()
    for count in (0, 2.0):
        with pytest.raises(GameError, match=f"num_envs is {count}"):
            GameVectorEnv(game, count)
    with pytest.raises(GameError, match="this game has 2"):
        GameVectorEnv(make("chicken"), 3)
    face = GameVectorEnv(game, 3)
    with pytest.raises(GameError, match="call reset first"):
        face.step(np.zeros(3, dtype=int))
    seen, _ = face.reset(seed=0)
    low = int(np.argmin(seen))
    bad = np.zeros(3, dtype=int)
    bad[low] = 2
    for actions, message in (
        (np.zeros(4, dtype=int), r"agent 1 has shape \[4\]"),
        (np.zeros(3), "agent 1 is float64"),
        (np.array([0, 9, 0]), "agent 1 in row 1 is 9"),
        (bad, f"agent 1 in row {low} is illegal"),
    ):
        with pytest.raises(GameError, match=message):
            face.step(actions)
    again = GameVectorEnv(game, 3)
    again.reset(seed=0)
    same(face.step(np.zeros(3, dtype=int)), again.step(np.zeros(3, dtype=int)))  # nothing had happened
    for mask in (np.zeros(3, dtype=bool), np.ones(2, dtype=bool), [1, 0, 0]):
        with pytest.raises(GameError, match="reset_mask must be bool"):
            face.reset(options={"reset_mask": mask})
    with pytest.raises(GameError, match="seed has 2 entries"):
        face.reset(seed=[1, 2])
    vectors = GameVectorEnv(make("simple", discrete=False), 2)
    vectors.reset(seed=0)
    with pytest.raises(GameError, match="agent_0 in row 1"):
        vectors.step(np.array([[0, 0], [0, np.nan]]))
    two = make("chicken")
    with pytest.raises(GameError, match="agent is 2"):
        OneAgentGame(two, 2, [None, None])
    with pytest.raises(GameError, match="profile has 1 policies"):
        OneAgentGame(two, 0, [None])
    with pytest.raises(GameError, match="has no policy"):
        OneAgentGame(two, 0, [None, None])
