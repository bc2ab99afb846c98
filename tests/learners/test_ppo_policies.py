"""IPPO and MAPPO: laws of actions, policies, and memory."""

import math
from typing import Any

import numpy as np
import pytest
import torch
from scipy import stats
from torch.testing import assert_close

from gametheory.game import Box, Discrete, Spec
from gametheory.streams import derive, seed_keys
from learners.experience.spaces import Spaces, from_box
from learners.nets.laws import Laws
from learners.nets.networks import ACTIVATIONS
from learners.nets.recurrent import AgentNetworks, Sizes, gru
from learners.nets.stochastic import GaussianPolicy, SoftmaxPolicy, stochastic_policies

DOUBLE = torch.float64
ACTIONS: tuple[Spec, ...] = (Discrete(4), Box([0.0, -2.0], [10.0, 6.0]), Discrete(2))
SEEN: tuple[Spec, ...] = (Discrete(3), Discrete(3), Discrete(3))


def networks(
    memory: int = 0, groups: tuple[int, ...] = (0, 1, 2), free: int = 4, outputs: int = 4
) -> AgentNetworks:
    out = AgentNetworks(
        Sizes(3, (6, 5), memory, outputs),
        groups,
        activation=ACTIVATIONS["tanh"],
        rate=1e-3,
        max_norm=None,
        random=torch.Generator().manual_seed(5),
        free=free,
    )
    if free:
        with torch.no_grad():
            out.weights[-1].fill_(math.log(0.7))
    return out


class TestLaws:
    def laws(self, squash: Any, actions: tuple[Spec, ...] = ACTIONS) -> Laws:
        return Laws(Spaces(SEEN[: len(actions)], actions), squash, torch.device("cpu"))

    def test_a_softmax_over_legal_actions_by_hand(self) -> None:
        raw = torch.log(torch.tensor([[[1.0, 2.0, 4.0, 8.0]]]))
        legal = torch.tensor([[[True, False, True, True]]])
        laws = self.laws("clip", (Discrete(4),))
        for a, p in enumerate((1 / 13, 0, 4 / 13, 8 / 13)):
            one_hot = torch.eye(4)[a][None, None]
            assert float(laws.log_prob(raw, torch.zeros(1, 0), one_hot, legal).exp()) == pytest.approx(
                p, rel=1e-5
            )
        expected = -sum(p * math.log(p) for p in (1 / 13, 4 / 13, 8 / 13))
        assert float(laws.entropy(raw, torch.zeros(1, 0), legal)) == pytest.approx(expected, rel=1e-5)

    @pytest.mark.parametrize("m", [-2.0, 0.3, 1.5])
    def test_a_clipped_gaussian_is_a_law(self, m: float) -> None:
        """Its density inside and its masses at the ends are scipy's, and sum to 1."""
        spec, sigma = Box([0.0], [4.0]), 0.6
        laws = self.laws("clip", (spec,))
        centre, grid = math.tanh(m), np.linspace(-1, 1, 4001)[1:-1]
        raw = torch.full((1, len(grid) + 2, 1), m)
        actions = torch.tensor(np.concatenate(([-1.0], grid, [1.0])), dtype=torch.float32)[None, :, None]
        legal = torch.ones(1, len(grid) + 2, 1, dtype=torch.bool)
        law = (
            laws.log_prob(raw, torch.full((1, 1), math.log(sigma)), actions, legal)[0].exp().double().numpy()
        )
        np.testing.assert_allclose(law[1:-1], stats.norm.pdf(grid, centre, sigma), rtol=1e-4)
        np.testing.assert_allclose(law[0], stats.norm.cdf(-1, centre, sigma), rtol=1e-4)
        np.testing.assert_allclose(law[-1], stats.norm.sf(1, centre, sigma), rtol=1e-4)
        assert law[0] + law[-1] + law[1:-1].sum() * (grid[1] - grid[0]) == pytest.approx(1.0, abs=2e-3)

    def test_a_squashed_gaussian_is_a_law(self) -> None:
        laws, grid = self.laws("tanh", (Box([0.0], [4.0]),)), np.linspace(-1, 1, 20001)[1:-1]
        raw, legal = torch.full((1, len(grid), 1), 0.4), torch.ones(1, len(grid), 1, dtype=torch.bool)
        actions = torch.tensor(grid, dtype=torch.float32)[None, :, None]
        law = laws.log_prob(raw, torch.full((1, 1), math.log(0.5)), actions, legal)[0].exp().double()
        assert float(law.sum()) * (grid[1] - grid[0]) == pytest.approx(1.0, abs=1e-3)

    @pytest.mark.parametrize("squash", ["clip", "tanh"])
    def test_unlike_agents_at_once_are_the_agents_one_by_one(self, squash: Any) -> None:
        random = torch.Generator().manual_seed(0)
        raw, sigma = torch.randn(3, 7, 4, generator=random), torch.randn(3, 4, generator=random)
        legal = torch.from_numpy(Spaces(SEEN, ACTIONS).columns)[:, None].expand(3, 7, 4)
        actions = torch.zeros(3, 7, 4)
        actions[0, :, 1] = actions[2, :, 0] = 1.0
        actions[1, :, :2] = torch.rand(7, 2, generator=random) * 2 - 1
        together = self.laws(squash).log_prob(raw, sigma, actions, legal)
        entropy = self.laws(squash).entropy(raw, sigma, legal)
        for i, spec in enumerate(ACTIONS):
            alone, part = self.laws(squash, (spec,)), (slice(i, i + 1), slice(None), slice(0, spec.size))
            args = raw[part], sigma[i : i + 1, : spec.size]
            assert_close(alone.log_prob(*args, actions[part], legal[part])[0], together[i])
            assert_close(alone.entropy(*args, legal[part])[0], entropy[i])

    def test_a_dimension_without_width_teaches_nothing(self) -> None:
        laws, legal = self.laws("clip", (Box([0.0, 3.0], [1.0, 3.0]),)), torch.ones(1, 1, 2, dtype=torch.bool)
        raw = torch.zeros(1, 1, 2, requires_grad=True)
        log = laws.log_prob(raw, torch.zeros(1, 2), torch.tensor([[[0.5, 0.0]]]), legal)
        (gradient,) = torch.autograd.grad(log.sum(), raw)
        assert gradient[0, 0, 0] != 0
        assert gradient[0, 0, 1] == 0


class TestPolicies:
    @pytest.mark.parametrize("squash", ["clip", "tanh"])
    def test_what_is_played_has_the_likelihood_that_is_learned_from(self, squash: Any) -> None:
        """Frequencies of the policies' actions against the law's probabilities, within 4 deviations."""
        spaces, plays = Spaces(SEEN, ACTIONS), 20_000
        actors = networks()
        laws, keys = Laws(spaces, squash, torch.device("cpu")), seed_keys(1, plays)
        seen = np.full(plays, 1)
        x = torch.tensor([0.0, 1.0, 0.0]).expand(3, 1, 1, 3)
        raw = actors(
            x, actors.start(1), torch.zeros(1, 1, dtype=torch.bool), torch.ones(3, 1, 1, dtype=torch.bool)
        )[0].detach()
        policies = stochastic_policies(actors, spaces, squash, centre=False)
        softmax, gaussian = policies[0], policies[1]
        assert isinstance(softmax, SoftmaxPolicy)
        assert isinstance(gaussian, GaussianPolicy)
        legal = np.tile([True, True, False, True], (plays, 1))
        _, played = softmax.act(None, seen, keys, legal)
        mask = torch.from_numpy(legal[:1])[None]
        for a in range(4):
            p = float(
                laws.log_prob(
                    raw[:, 0], torch.zeros(3, 4), torch.eye(4)[a].expand(3, 1, 4), mask.expand(3, 1, 4)
                )[0].exp()
            )
            assert abs((played == a).mean() - p) <= 4 * math.sqrt(p * (1 - p) / plays)
            assert softmax.probabilities(None, seen[:1], legal[:1])[0, a] == pytest.approx(p, abs=1e-6)
        assert softmax.probabilities(None, seen[:1], legal[:1])[0, 2] == 0.0
        assert np.all(played != 2)
        _, boxed = gaussian.act(None, seen, derive(keys, 1))
        inner, m = from_box(gaussian.spec, boxed)[:, 0], float(raw[1, 0, 0, 0].detach())
        for edge in (-0.9, -0.3, 0.2, 0.8):
            z = (edge - math.tanh(m)) / 0.7 if squash == "clip" else (math.atanh(edge) - m) / 0.7
            p = float(stats.norm.cdf(z))
            assert abs((inner <= edge).mean() - p) <= 4 * math.sqrt(p * (1 - p) / plays)
        centred = stochastic_policies(actors, spaces, squash, centre=True)[1].act(None, seen[:2], keys[:2])[1]
        np.testing.assert_allclose(centred[:, 0], 5.0 + 5.0 * math.tanh(m), rtol=1e-6)

    def test_an_agent_without_a_choice_is_asked_in_vain(self) -> None:
        policy = stochastic_policies(networks(), Spaces(SEEN, ACTIONS), "clip", centre=False)[0]
        assert isinstance(policy, SoftmaxPolicy)
        out = policy.probabilities(
            None, np.array([-1, 0]), np.array([[False] * 4, [True, False, False, False]])
        )
        np.testing.assert_allclose(out.sum(axis=1), 1.0)
        assert out[1].tolist() == [1.0, 0.0, 0.0, 0.0]


class TestMemory:
    def test_a_step_is_torchs_gru_cell(self) -> None:
        random = torch.Generator().manual_seed(0)
        asked, memory, weight, bias = (
            torch.randn(shape, generator=random) for shape in ((2, 5, 12), (2, 5, 4), (2, 4, 12), (2, 1, 12))
        )
        out = gru(asked, memory, weight, bias)
        for k in range(2):
            cell = torch.nn.GRUCell(12, 4)
            with torch.no_grad():
                cell.weight_ih.copy_(torch.eye(12))
                cell.bias_ih.zero_()
                cell.weight_hh.copy_(weight[k].T)
                cell.bias_hh.copy_(bias[k, 0])
            assert_close(out[k], cell(asked[k], memory[k]))

    @pytest.mark.parametrize("groups", [(0, 1, 2), (0, 1, 0)])
    def test_a_sequence_is_its_steps_one_by_one_with_memories_kept_and_reset(self, groups: Any) -> None:
        random, L, M = torch.Generator().manual_seed(1), 6, 4
        made = networks(memory=4, groups=groups)
        x, memory = torch.randn(3, L, M, 3, generator=random), torch.randn(3, M, 4, generator=random)
        starts = torch.rand(L, M, generator=random) < 0.3
        acting = torch.rand(3, L, M, generator=random) < 0.6
        out, after = made(x, memory, starts, acting)
        for i in range(3):
            now = memory[i]
            for t in range(L):
                now = now * ~starts[t, :, None]
                alone, then = made.one(i, x[i, t], now)
                assert_close(out[i, t], alone)
                now = torch.where(acting[i, t, :, None], then, now)
            assert_close(after[i], now)

    def test_the_past_before_a_start_is_forgotten_to_the_bit(self) -> None:
        made, x = networks(memory=4), torch.randn(3, 3, 1, 3, generator=torch.Generator().manual_seed(2))
        starts, acting = torch.tensor([[False], [True], [False]]), torch.ones(3, 3, 1, dtype=torch.bool)
        one, _ = made(x, torch.full((3, 1, 4), 9.0), starts, acting)
        two, _ = made(x * torch.tensor([-5.0, 1, 1])[:, None, None], torch.zeros(3, 1, 4), starts, acting)
        assert torch.equal(one[:, 1:], two[:, 1:])
        assert not torch.equal(one[:, :1], two[:, :1])

    def test_agents_of_a_group_share_weights_but_not_behaviour(self) -> None:
        made = networks(groups=(0, 1, 0))
        assert made.weights[0].shape == (2, 3 + 3, 6)  # the input says who asks
        x = torch.ones(3, 1, 1, 3)
        out, _ = made(
            x, made.start(1), torch.zeros(1, 1, dtype=torch.bool), torch.ones(3, 1, 1, dtype=torch.bool)
        )
        assert not torch.equal(out[0], out[2])
        gradients = torch.autograd.grad(out[0].sum(), made.weights, allow_unused=True)
        assert all(g is None or g[1].abs().sum() == 0 for g in gradients)
