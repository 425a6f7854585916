"""The pairs of the distances between vectors."""

from equiv.entry import LayerCase, LayerPair, real, slug, values

INF = float("inf")
NAN = float("nan")

SPECIAL = {
    "x1": values([[NAN, 1.0, 2.0], [INF, 1.0, 2.0], [-INF, INF, 0.0], [1.0, 2.0, 3.0]]),
    "x2": values([[1.0, 2.0, -1.0], [3.0, 1.0, 0.5], [1.0, 0.0, 0.0], [NAN, 2.0, 1.0]]),
}
"""What is not finite, on either side."""

EQUAL = {
    "x1": values([[1.0, 2.0, -1.0], [1.0, 2.0, -1.0], [0.0, 0.0, 0.0]]),
    "x2": values([[1.0, 2.0, -1.0], [0.0, 2.0, -2.0], [0.0, 0.0, 0.0]]),
}
"""Differences of zeros alone, and with one or two zeros."""

TIES = {
    "x1": values([[3.0, -3.0, 1.0], [2.0, 2.0, 2.0], [-1.0, 0.0, 1.0]]),
    "x2": values([[0.0, 0.0, 0.0], [0.0, 4.0, 0.0], [0.0, 0.0, 0.0]]),
}
"""Differences of equal magnitude."""

PAIRS: tuple[LayerPair, ...] = (
    LayerPair(
        "numpy_layers.CosineSimilarity",
        summary="The cosine of the angle between vectors.",
        inputs={"x1": real(4, 5), "x2": real(4, 5)},
        grid=("", "0", "dim=-2", "dim=-1", "eps=0.0", "eps=1.0", "1, 1000.0"),
        cases=(
            LayerCase(
                "three-axes", arguments="dim=1", inputs={"x1": real(2, 5, 3), "x2": real(2, 5, 3)}
            ),
            LayerCase("one-axis", arguments="0", inputs={"x1": real(6), "x2": real(6)}),
            LayerCase("batch-of-one", inputs={"x1": real(1, 5), "x2": real(1, 5)}),
            LayerCase("batch-of-none", inputs={"x1": real(0, 5), "x2": real(0, 5)}),
            LayerCase("one-to-many", inputs={"x1": real(1, 5), "x2": real(4, 5)}),
            LayerCase("fewer-axes", inputs={"x1": real(4, 5), "x2": real(5)}),
            LayerCase(
                "each-with-each",
                arguments="dim=-1",
                inputs={"x1": real(3, 1, 5), "x2": real(1, 4, 5)},
            ),
            LayerCase("no-elements", inputs={"x1": real(4, 0), "x2": real(4, 0)}),
            LayerCase("many", inputs={"x1": real(3, 700), "x2": real(3, 700)}),
            LayerCase(
                "clamped",
                arguments="1, 5.0",
                inputs={
                    "x1": values([[3.0, 1.0], [3.0, 1.0], [6.0, 8.0], [6.0, 8.0]]),
                    "x2": values([[1.0, -2.0], [9.0, 1.0], [1.0, 2.0], [8.0, 7.0]]),
                },
            ),
            LayerCase(
                "zeros",
                inputs={
                    "x1": values([[0.0, 0.0], [0.0, 0.0], [1.0, 2.0]]),
                    "x2": values([[1.0, -2.0], [0.0, 0.0], [0.0, 0.0]]),
                },
                kinks=True,
            ),
            LayerCase(
                "at-eps",
                arguments="1, 5.0",
                inputs={"x1": values([[3.0, 4.0]]), "x2": values([[1.0, 2.0]])},
                kinks=True,
            ),
            LayerCase("not-finite", inputs=SPECIAL),
        ),
        # Of vectors of one element, which axis 0 has in a batch of one, the gradient is 0, and
        # what torch returns is what rounding left of it. tests/numpy_layers has that.
        batch_axis=None,
        source="torch.nn.CosineSimilarity",
    ),
    LayerPair(
        "numpy_layers.PairwiseDistance",
        summary="The p-norm of the difference of vectors.",
        inputs={"x1": real(4, 5), "x2": real(4, 5)},
        grid=(
            "",
            "1.0",
            "p=3.0",
            "p=1.5",
            "p=4",
            "p=0.5",
            "p=0.0",
            "p=-1.0",
            "p=float('inf')",
            "eps=0.0",
            "eps=0.25",
            "p=1.0, eps=0.25, keepdim=True",
            "keepdim=True",
        ),
        cases=(
            LayerCase("least", arguments="-float('inf')"),
            LayerCase("three-axes", inputs={"x1": real(2, 5, 3), "x2": real(2, 5, 3)}),
            LayerCase("one-axis", inputs={"x1": real(6), "x2": real(6)}),
            LayerCase("no-axes", inputs={"x1": values(1.5), "x2": values(-2.0)}),
            LayerCase(
                "no-axes-kept",
                arguments="keepdim=True",
                inputs={"x1": values(1.5), "x2": values(-2.0)},
            ),
            LayerCase("one-to-many", inputs={"x1": real(1, 5), "x2": real(4, 5)}),
            LayerCase("fewer-axes", arguments="3.0", inputs={"x1": real(5), "x2": real(4, 5)}),
            LayerCase("each-with-each", inputs={"x1": real(3, 1, 5), "x2": real(1, 4, 5)}),
            LayerCase(
                "repeated-along-the-last",
                arguments="1.0, 0.25",
                inputs={"x1": real(4, 1), "x2": real(4, 5)},
            ),
            LayerCase("no-elements", inputs={"x1": real(4, 0), "x2": real(4, 0)}),
            LayerCase("many", inputs={"x1": real(3, 700), "x2": real(3, 700)}),
            *(
                LayerCase(
                    f"equal-p{slug(p)}",
                    arguments=f"float('{p}'), eps=0.0",
                    inputs=EQUAL,
                    kinks=True,
                )
                for p in ("2", "1", "3", "1.5", "0.5", "0", "inf")
            ),
            LayerCase("ties", arguments="float('inf'), eps=0.0", inputs=TIES, kinks=True),
            LayerCase("ties-of-least", arguments="-float('inf'), 0.0", inputs=TIES, kinks=True),
            *(
                LayerCase(f"not-finite-p{slug(p)}", arguments=f"float('{p}')", inputs=SPECIAL)
                for p in ("2", "1", "3", "0.5", "inf")
            ),
        ),
        source="torch.nn.PairwiseDistance",
    ),
)
