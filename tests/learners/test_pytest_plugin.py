"""``pytest --lab``: a suite as tests, and nothing at all without the option."""

import subprocess
import sys
from importlib import metadata

import pytest

pytest_plugins = ["pytester"]

LEARNER = """
import numpy as np
from gametheory.policy import TablePolicy

class Fixed:
    '''Learns nothing; after 5 steps it plays what it is told to.'''

    choice = {choice}

    def __init__(self, seen, actions, *, seed):
        self.sizes, self.steps = [(s.size, a.size) for s, a in zip(seen, actions)], 0

    def policies(self):
        def row(size):
            return np.full(size, 1 / size) if self.steps < 5 else np.eye(size)[self.choice]
        return tuple(TablePolicy(np.tile(row(a), (s, 1))) for s, a in self.sizes)

    behaviour = policies

    def observe(self, step):
        self.steps += 1

    def update(self):
        return {{}}

    def state_dict(self):
        return {{"steps": self.steps}}

    def load_state_dict(self, state):
        self.steps = state["steps"]
"""


CONFTEST = """
from learners import suites

suites.SUITES["tiny"] = tuple(
    suites.SuiteGame(name, 160, "dominance", training={"plays": 8, "evaluations": 20, "evaluation_plays": 4})
    for name in ("prisoners-dilemma", "deadlock")
)
"""


@pytest.fixture
def lab(pytester):
    """Run pytest in a folder with a learner that ends at the given action.

    In a process of its own: what an inline run loads first would be loaded a second time later.
    """
    pytester.makeconftest(CONFTEST)
    pytester.makepyfile(test_other="def test_other():\n    pass\n")

    def run(choice, *options):
        module = f"ends_at_{choice}"
        pytester.makepyfile(**{module: LEARNER.format(choice=choice)})
        given = ("--lab-learner", f"{module}:Fixed", "--lab-confidence", "0.8")
        return pytester.runpytest_subprocess("-p", "learners.pytest_plugin", *given, *options)

    return run


def test_a_suite_passes_where_the_learner_does_what_theory_expects(lab):
    result = lab(1, "--lab", "tiny", "-v")
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(["*lab-tiny?ends_at_1:Fixed-prisoners-dilemma? PASSED*"])


def test_a_failure_reads_like_an_account_and_not_like_a_traceback(lab):
    result = lab(0, "--lab", "tiny", "-k", "prisoners")
    result.assert_outcomes(failed=1, deselected=1)
    result.stdout.fnmatch_lines(["*does not do in prisoners-dilemma what theory expects*", "*seed 0:*"])
    assert "Traceback" not in result.stdout.str()


def test_with_paths_given_their_tests_run_too(lab):
    lab(1, "--lab", "tiny", "test_other.py").assert_outcomes(passed=3)


def test_without_the_option_nothing_happens(lab):
    lab(1).assert_outcomes(passed=1)


def test_an_unknown_suite_is_a_usage_error_that_names_the_nearest(lab):
    result = lab(1, "--lab", "smal")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*--lab*small*"])


def test_fewer_seeds_than_can_prove_anything_are_a_usage_error(lab):
    result = lab(1, "--lab", "tiny", "--lab-seeds", "1")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*1 seed can prove nothing with 0.8 confidence; it takes at least*"])


def test_the_plugin_loads_nothing_heavy():
    code = (
        "import sys, learners.pytest_plugin; print({'torch', 'numba', 'scipy', 'numpy'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_the_plugin_is_where_pytest_looks_for_it():
    names = {point.value for point in metadata.entry_points(group="pytest11")}
    if not any(value.startswith("learners") for value in names):
        pytest.skip("this installation was made before the plugin: pip install -e . again")
    assert "learners.pytest_plugin" in names
