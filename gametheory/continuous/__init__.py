"""Games with continuous actions and known equilibria."""

from gametheory.continuous.bertrand import Bertrand
from gametheory.continuous.cournot import Cournot
from gametheory.continuous.game import ContinuousGame, JointlyQuadratic, Mixture, Piecewise
from gametheory.continuous.hotelling import Hotelling
from gametheory.continuous.public_goods import PublicGoods
from gametheory.continuous.quadratic import QuadraticGame

__all__ = [
    "Bertrand",
    "ContinuousGame",
    "Cournot",
    "Hotelling",
    "JointlyQuadratic",
    "Mixture",
    "Piecewise",
    "PublicGoods",
    "QuadraticGame",
]
