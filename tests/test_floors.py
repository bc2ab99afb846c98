"""Imports go down only, and torch stays on its floor."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FLOORS = ["gametheory", "environments", "learners", "equilibrist"]
ABSENT = [floor for floor in FLOORS if not (ROOT / floor).exists()]
pytestmark = pytest.mark.skipif(bool(ABSENT), reason="the sources are not beside the tests")


def imported(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.split(".")[0])
    return found


@pytest.mark.parametrize("floor", range(len(FLOORS)))
def test_imports_go_down_only(floor):
    above = set(FLOORS[floor + 1 :]) | ({"torch"} if FLOORS[floor] != "learners" else set())
    for path in (ROOT / FLOORS[floor]).rglob("*.py"):
        assert not imported(path) & above, f"{path} imports from above"


def test_certificates_and_solvers_do_not_know_each_other():
    certify = (ROOT / "gametheory/certify.py").read_text(encoding="utf-8")
    assert "solve" not in {
        name for line in certify.splitlines() if "import" in line for name in line.split(".")
    }
    judges = ("certify", "certificates", "best_response", "evaluate")
    judges += tuple(f"planning.{name}" for name in ("beliefs", "known_states", "points"))
    homes = ("solvers", "extensive", "cooperative", "dynamics", "continuous/lq")
    solvers = [path for home in homes for path in (ROOT / "gametheory" / home).rglob("*.py")]
    for path in solvers:
        if path.name in ("values.py", "certify_efce.py"):  # the judges of trees
            continue
        text = path.read_text(encoding="utf-8")
        assert not any(re.search(rf"gametheory\.{judge}\b", text) for judge in judges), (
            f"{path} grades itself"
        )
