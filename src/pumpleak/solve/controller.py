"""How steps and methods are chosen: numbers only, read by the generated loop and by the tests' own loop.

After an accepted step of scaled error e (1 is the limit), following e_before, the step is multiplied by
SAFETY e_before^(INTEGRAL/order) / e^(PROPORTIONAL/order): the proportional-integral controller of Gustafsson (1991), with
the exponents that Hairer and Wanner (Solving Ordinary Differential Equations II, IV.8) give.
"""

from __future__ import annotations

SAFETY = 0.9                  # aims below the limit, so that few steps are refused
SHRINK, GROW = 0.2, 6.0       # the estimate says little about a step much shorter or longer than the last
PROPORTIONAL, INTEGRAL = 0.7, 0.4  # over the order
AFTER_REFUSAL = 1.0           # over the order: no history counts after a refused step
HARSH = 0.1                   # a refused step shrinks at most by this; also when a rate was not finite
ERROR_FLOOR = 1e-6            # a vanishing error counts as this: GROW binds anyway, and the history stays usable

# Time is kept to twice the usual digits, so that a fast relaxation late in a long run is followed in steps that a plain
# sum would lose (1e-9 ms after four hours, where a pump binds potassium in 1e-7 ms). Smaller steps than LEAST_STEP |t|
# mean a singularity; TICK is the rounding of a plain time.
LEAST_STEP, LEAST_NUMBER, TICK = 1e-22, 1e-300, 1e-15
STRETCH = 1e-6                # a step that would leave less than this part of itself before a stop is stretched to it

# A step longer than the guard, where nothing can fire, may move no gate by more than this part of its way from shut to open,
# so that no range of potentials in which the membrane could fire is passed over. The next step aims at AIM of that.
LONG_MOVE, AIM = 0.05, 0.8

# First step (Hairer, Norsett and Wanner, Solving Ordinary Differential Equations I, II.4)
FIRST_SHARE, FIRST_SMALL, FIRST_LEAST, FIRST_MOST = 0.01, 1e-5, 1e-6, 100.0
FIRST_FLAT, FIRST_STILL = 1e-3, 1e-15  # where nothing changes at all

# A pivot that elimination brought below this part of its size before is lost to cancellation (a few roundings are 1e-15):
# the step is refused, and a smaller one, in which M/h dominates, is tried. What is left above it has 3 digits or more,
# with which refinement converges.
CANCELLED = 1e-13

# The solution of a stage is refined once for each of these that h GAMMA times the fastest rate constant exceeds. Rounding
# (1.1e-16) times that product is what factors leave of a conserved sum, relative to the step; each refinement leaves that
# part of what was left before. Below the first bound it is 1e-13, above it some 1e-16.
# Where no sum of states is conserved, that rounding matters only beside the error that is allowed: ROUNDING times the product
# (a hundred roundings, so that it is a hundredth of that error) has to reach rtol.
REFINE_ABOVE = (1e3, 1e8, 1e10, 1e12, 3e12)
ROUNDING = 1e-14

# Algebraic states are brought onto their equations at a start by Newton's method: until the last correction is below
# this part of the tolerance, so that the start adds nothing to the error of the run.
CONSISTENT, NEWTON_MOST = 1e-3, 50
NEWTON_DIAGONAL = 1e200       # stands for M/h with h = 0: the other states do not move

# The explicit method is left when its steps are as long as stability allows, and taken when the stiff method's steps are so
# short that the explicit one would cover them for less. Both need to last, and longer each time the change was no gain.
BOUND = 0.4                   # this share of what stability allows: for fifth order at common tolerances the error of modes
                              # that have died away holds a step there, below what stability alone would allow
GUARDED = 0.9                 # this share of the guard: the controller holds a step just below it
DEARER = 2.0                  # what a step of the stiff method costs in explicit ones (measured in cells: 1.7 to 1.9)
PATIENCE, PATIENCE_MOST = 15, 240  # bound steps before the stiff method is tried (15: Hairer and Wanner II, IV.2)
FORGIVING = 6                 # free steps in a row after which bound ones are forgotten (the same)
TRUST, TRUST_MOST = 5, 320    # short steps of the stiff method in a row before the explicit one is tried

MOST_IDLE = 1000              # events in a row without a step between them: two that call each other never end
EVENT_WIDTH = 1e-6            # [ms] an event's time is located to this
