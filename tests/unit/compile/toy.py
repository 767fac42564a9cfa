"""A System with something of everything: a two-member block with an edge, an event, an algebraic state, quadratures."""

from pumpleak.system.expression import exp, exprel, symbol
from pumpleak.system.system import Block, Coupling, Definition, Event, Parameter, Quadrature, State, System

X, Y, K = symbol("x"), symbol("y"), symbol("k")


def toy() -> System:
    """Two members that exchange x."""
    flux = K * exprel(X) * exp(-Y)
    member = System(
        "member", (State("x", "mM", 1.0, 1.0), State("y", "mM", 0.5, 1.0), State("z", "mM", 0.5, 1.0, mass=0.0)),
        {"x": -flux, "y": flux - 0.1 * Y, "z": symbol("z") - symbol("ratio")}, (Parameter("k", "1/ms", 1.0),),
        (Definition("ratio", "1", X / (1.0 + Y)),), (Quadrature("gone", "mM", flux, least=True),),
        (Event("low", 0.2 - X, {"x": X + 1.0}),))
    edge = symbol("g") * (symbol("there.x") - symbol("here.x"))
    return System("toy", blocks=(Block("cell", member, 2),),
                  couplings=(Coupling("gap", "cell", ((0, 1),), {"here.x": edge, "there.x": -edge},
                                      (Parameter("g", "1/ms", 0.3),)),))
