"""The conditions that a layer and its twin are put under: dtypes, calls before, modes, inputs.

Data only: how inputs are changed is said as probes say it, as NumPy code with ``{x}``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from equiv.probes import ARRAYS


@dataclass(frozen=True, kw_only=True)
class Condition:
    """One condition that every case of a layer pair is put under."""

    name: str = field(kw_only=False)
    what: str
    """The condition, in words for people."""
    dtype: str = "float64"
    training: bool = True
    again: bool = False
    """Whether forward and backward ran on other data before, and then forward once more."""
    code: Mapping[str, str] = field(default_factory=dict)
    """From a kind to the NumPy code that puts an input in the condition."""
    saturated: bool = False
    """Whether gradients may be what cancellation leaves of those on ordinary inputs."""
    rows: int | None = None
    """To how many the batch is shortened."""


LARGE: Final = 1000
"""How many times as large every other row is made."""

ROWS: Final = (
    f"(lambda x: np.where(np.indices(x.shape)[:1].sum(0) % 2 == 0, {LARGE} * x, x))({{x}})"
)

CONDITIONS: Final[Mapping[str, Condition]] = {
    condition.name: condition
    for condition in (
        Condition("float64", what="in float64"),
        Condition("float32", what="in float32", dtype="float32"),
        Condition("second call", what="another draw, after calls on other data", again=True),
        Condition(
            "transposed",
            what="column-major, or with gaps where there is one axis",
            code=dict.fromkeys(
                ARRAYS,
                "(lambda x: np.repeat(x, 2)[::2] if x.ndim == 1 else x.copy('F'))({x})",
            ),
        ),
        Condition("eval", what="in evaluation mode", training=False),
        Condition("batch of one", what="the first of the batch alone", rows=1),
        Condition("batch of none", what="an empty batch", rows=0),
        Condition(
            "large",
            what="every other row a thousand times as large",
            code={"real": ROWS},
            saturated=True,
        ),
    )
}
"""The conditions by name, in the order in which pages list them; the first two are every case's."""

AS_DECLARED: Final = ("float64", "float32")
"""The conditions in which the inputs are as the case declares them."""
