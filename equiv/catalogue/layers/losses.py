"""The pairs of the losses."""

from collections.abc import Callable, Mapping

from equiv.entry import (
    Difference,
    Input,
    LayerCase,
    LayerPair,
    integers,
    positive,
    real,
    unit,
    values,
)

INF = float("inf")
NAN = float("nan")

ENDS = ("", "reduction='none'", "reduction='sum'")
"""What every loss reduces to."""

SIGNS = values(
    [
        [1.0, -1.0, -1.0, 1.0, -1.0],
        [-1.0, 1.0, 1.0, 1.0, -1.0],
        [1.0, 1.0, -1.0, -1.0, 1.0],
        [-1.0, -1.0, 1.0, -1.0, 1.0],
    ]
)
COLUMN = values([1.0, -1.0, -1.0, 1.0])
YES = values(
    [
        [1.0, 0.0, 0.0, 1.0, 0.0],
        [0.0, 1.0, 1.0, 1.0, 0.0],
        [1.0, 1.0, 0.0, 0.0, 1.0],
        [0.0, 0.0, 1.0, 0.0, 1.0],
    ]
)
NAMED = values(
    [[3, 0, -1, 1, 2], [1, -1, -1, -1, -1], [4, 2, 0, 1, -1], [-1, 2, 2, 0, 1], [2, 2, 4, -1, 0]],
    dtype="int64",
)
"""Three classes a row, one, four, none, and two of which one comes twice."""

ERRORS = values([0.0, -0.5, 0.5, -1.0, 1.0, -2.0, 2.0, 0.25])
"""At the bends of Huber's and of the smooth L1, for widths of a half, one and two."""

LOOSE = {
    "x": values([NAN, INF, -INF, INF, 0.0, 1.0, -1.0, 100.0]),
    "target": values([0.0, 0.0, 1.0, INF, NAN, INF, 0.0, 1.0]),
}
"""What is not finite, on either side."""

ROWS = values(
    [
        [0.5, -INF, 1.0],
        [-INF, -INF, -INF],
        [INF, 0.0, 1.0],
        [NAN, 0.0, 1.0],
        [1000.0, -1000.0, 0.0],
        [-INF, 0.0, -1.0],
    ]
)
"""Rows of scores of which the second to the fourth have no softmax."""


def _triplet(*shapes: tuple[int, ...]) -> Mapping[str, object]:
    return dict(zip(("anchor", "positive", "negative"), (real(*s) for s in shapes), strict=True))


POINTS = {
    "anchor": values([[0.0, 0.0], [0.0, 0.0], [0.0, 0.0], [1.0, 0.0], [0.0, 0.0]]),
    "positive": values([[0.0, 0.0], [3.0, 4.0], [0.0, 0.0], [1.0, 2.0], [1.0, 0.0]]),
    "negative": values([[0.0, 0.0], [0.0, 6.0], [1.0, 0.0], [2.0, 1.0], [0.0, 1.0]]),
}
"""Points that fall together, at the margin of 1, and as far from the positive as the anchor is."""

LOST = {
    "anchor": values([[NAN, 0.0], [1.0, 2.0], [1.0, 2.0], [INF, 0.0], [0.0, 0.0]]),
    "positive": values([[1.0, 2.0], [NAN, 2.0], [0.0, 1.0], [0.0, 1.0], [INF, 1.0]]),
    "negative": values([[0.0, 0.5], [1.0, 2.0], [1.0, NAN], [1.0, 2.0], [INF, 2.0]]),
}
"""Points that are not finite."""


def _held(case: str, call: str, inputs: Mapping[str, object] | None = None) -> LayerCase:
    """Spell a construction with a weight: {} is the library."""
    numpy, twin = call.format("np"), f"torch.nn.{call.format('torch')}"
    return LayerCase(case, numpy=numpy, twin=twin, inputs=inputs or {})


def _shapes(
    x: Callable[..., Input] = real, target: Callable[..., Input] = real
) -> tuple[LayerCase, ...]:
    """Spell the shapes that losses take which compare element by element."""
    return tuple(
        LayerCase(case, inputs={"x": x(*shape), "target": target(*shape)})
        for case, shape in {
            "no-axes": (),
            "one-axis": (7,),
            "four-axes": (2, 3, 4, 2),
            "many": (40, 50),
        }.items()
    )


PAIRS: tuple[LayerPair, ...] = (
    LayerPair(
        "numpy_layers.L1Loss",
        summary="The mean absolute error.",
        inputs={"x": real(4, 5), "target": real(4, 5)},
        wrt=("x",),
        grid=ENDS,
        cases=(
            *_shapes(),
            LayerCase(
                "equal",
                arguments="reduction='none'",
                inputs={"x": ERRORS, "target": values([0.0] * 8)},
                kinks=True,
            ),
            LayerCase("not-finite", arguments="reduction='none'", inputs=LOOSE),
        ),
        source="torch.nn.L1Loss",
    ),
    LayerPair(
        "numpy_layers.MSELoss",
        summary="The mean squared error.",
        inputs={"x": real(4, 5), "target": real(4, 5)},
        wrt=("x",),
        grid=ENDS,
        cases=(
            *_shapes(),
            LayerCase("not-finite", arguments="reduction='none'", inputs=LOOSE),
        ),
        source="torch.nn.MSELoss",
    ),
    LayerPair(
        "numpy_layers.HuberLoss",
        summary="The mean of errors squared up to delta and linear beyond it.",
        inputs={"x": real(4, 5), "target": real(4, 5)},
        wrt=("x",),
        grid=(*ENDS, "'sum', 2", "delta=0.5", "delta=3.0", "delta=100.0"),
        cases=(
            *_shapes(),
            *(
                LayerCase(
                    f"bends-{delta}",
                    arguments=f"'none', {delta}",
                    inputs={"x": ERRORS, "target": values([0.0] * 8)},
                    kinks=True,
                )
                for delta in ("0.5", "1.0", "2.0")
            ),
            LayerCase("not-finite", arguments="'none'", inputs=LOOSE),
        ),
        source="torch.nn.HuberLoss",
    ),
    LayerPair(
        "numpy_layers.SmoothL1Loss",
        summary="The mean of errors squared below beta and linear from there on.",
        inputs={"x": real(4, 5), "target": real(4, 5)},
        wrt=("x",),
        grid=(*ENDS, "beta=0.5", "beta=0", "beta=3.0, reduction='sum'", "beta=100.0"),
        cases=(
            *_shapes(),
            *(
                LayerCase(
                    f"bends-{beta}",
                    arguments=f"reduction='none', beta={beta}",
                    inputs={"x": ERRORS, "target": values([0.0] * 8)},
                    kinks=True,
                )
                for beta in ("0.5", "1.0", "2.0", "0.0")
            ),
            LayerCase("not-finite", arguments="reduction='none'", inputs=LOOSE),
            LayerCase("not-finite-beta0", arguments="reduction='none', beta=0.0", inputs=LOOSE),
        ),
        source="torch.nn.SmoothL1Loss",
    ),
    LayerPair(
        "numpy_layers.SoftMarginLoss",
        summary="The mean logistic loss of scores with targets of 1 and -1.",
        inputs={"x": real(4, 5), "target": SIGNS},
        wrt=("x",),
        grid=ENDS,
        cases=(
            *_shapes(),
            LayerCase(
                "saturated",
                arguments="reduction='none'",
                inputs={
                    "x": values([40.0, -40.0, 80.0, -80.0, 700.0, 0.0]),
                    "target": values([1.0, 1.0, -1.0, -1.0, 1.0, 1.0]),
                },
            ),
            LayerCase(
                "overflown",
                arguments="reduction='none'",
                inputs={"x": values([-710.0, 1e5, 89.0]), "target": values([1.0, -1.0, -1.0])},
            ),
            LayerCase("target-for-all-rows", inputs={"x": real(4, 3), "target": real(3)}),
            LayerCase("not-finite", arguments="reduction='none'", inputs=LOOSE),
        ),
        source="torch.nn.SoftMarginLoss",
    ),
    LayerPair(
        "numpy_layers.PoissonNLLLoss",
        summary="The mean negative log-likelihood of counts under Poisson distributions.",
        inputs={"x": real(4, 5), "target": integers(0, 7, (4, 5), dtype="float64")},
        wrt=("x",),
        grid=(*ENDS, "full=True", "full=True, reduction='none'"),
        cases=(
            *_shapes(real, positive),
            *(
                LayerCase(
                    f"rates-{case}",
                    arguments=arguments,
                    inputs={"x": positive(4, 5), "target": integers(0, 7, (4, 5), dtype="float64")},
                )
                for case, arguments in {
                    "plain": "False",
                    "full": "False, True, reduction='none'",
                    "eps": "log_input=False, eps=0.5",
                    "sum": "log_input=False, full=True, eps=0.01, reduction='sum'",
                }.items()
            ),
            LayerCase(
                "counts-up-to-one",
                arguments="full=True, reduction='none'",
                inputs={
                    "x": real(6),
                    "target": values([0.0, 1.0, 1.0000001, 0.5, 2.0, 1e6]),
                },
            ),
            LayerCase("whole-counts", inputs={"x": real(4, 5), "target": integers(0, 7, (4, 5))}),
            LayerCase("target-for-all-rows", inputs={"x": real(4, 3), "target": positive(3)}),
            LayerCase("x-for-all-rows", inputs={"x": real(3), "target": positive(4, 3)}),
            LayerCase("each-with-each", inputs={"x": real(4, 1), "target": positive(1, 3)}),
            LayerCase("not-finite", arguments="full=True, reduction='none'", inputs=LOOSE),
            LayerCase("not-finite-rates", arguments="False, reduction='none'", inputs=LOOSE),
        ),
        source="torch.nn.PoissonNLLLoss",
    ),
    LayerPair(
        "numpy_layers.GaussianNLLLoss",
        summary="The mean negative log-likelihood under Gaussians of a mean and a variance.",
        inputs={"x": real(4, 5), "target": real(4, 5), "var": positive(4, 5)},
        wrt=("x", "var"),
        grid=(*ENDS, "full=True", "full=True, eps=0.5, reduction='none'", "eps=2.0"),
        cases=(
            *(
                LayerCase(
                    f"variance-{case}",
                    arguments="reduction='none'",
                    inputs={"x": real(4, 5), "target": real(4, 5), "var": positive(*shape)},
                )
                for case, shape in {
                    "of-rows": (4,),
                    "of-rows-kept": (4, 1),
                    "of-columns": (1, 5),
                }.items()
            ),
            LayerCase(
                "variance-of-rows-mean",
                inputs={"x": real(4, 5), "target": real(4, 5), "var": positive(4)},
            ),
            LayerCase("one-axis", inputs={"x": real(6), "target": real(6), "var": positive(6)}),
            LayerCase("one-variance", inputs={"x": real(6), "target": real(6), "var": positive()}),
            LayerCase("no-axes", inputs={"x": real(), "target": real(), "var": positive()}),
            LayerCase(
                "three-axes",
                inputs={"x": real(2, 3, 4), "target": real(2, 3, 4), "var": positive(2, 3, 1)},
            ),
            LayerCase(
                "target-for-all-rows",
                inputs={"x": real(4, 5), "target": real(5), "var": positive(4, 5)},
            ),
            LayerCase(
                "x-for-all-columns",
                inputs={"x": real(4, 1), "target": real(4, 5), "var": positive(4, 1)},
            ),
            *(
                LayerCase(
                    f"constant-{var}",
                    inputs={"x": real(4, 5), "target": real(4, 5)},
                    call=f"x, target, {var}",
                )
                for var in ("0.7", "0.0")
            ),
            LayerCase(
                "least-variances",
                arguments="eps=0.25, reduction='none'",
                inputs={
                    "x": values([1.0, 2.0, -1.0, 0.5, 0.0, 0.0]),
                    "target": values([0.0, 0.0, 1.0, 0.5, 2.0, 0.0]),
                    "var": values([0.0, 0.1, 0.25, 0.0, 0.3, 0.0]),
                },
                kinks=True,
            ),
            LayerCase(
                "not-finite",
                arguments="reduction='none'",
                inputs=LOOSE | {"var": values([1.0, INF, 2.0, INF, 1.0, NAN, NAN, INF])},
            ),
        ),
        source="torch.nn.GaussianNLLLoss",
    ),
    LayerPair(
        "numpy_layers.KLDivLoss",
        summary="The divergence of probabilities from log-probabilities.",
        inputs={"x": real(4, 5), "target": unit(4, 5)},
        wrt=("x",),
        grid=(*ENDS, "reduction='batchmean'"),
        cases=(
            *_shapes(real, unit),
            *(
                LayerCase(
                    f"log-target-{reduction}",
                    arguments=f"reduction='{reduction}', log_target=True",
                    inputs={"x": real(4, 5), "target": real(4, 5)},
                )
                for reduction in ("none", "mean", "sum", "batchmean")
            ),
            LayerCase(
                "batchmean-three-axes",
                arguments="reduction='batchmean'",
                inputs={"x": real(2, 3, 4), "target": unit(2, 3, 4)},
            ),
            LayerCase(
                "batchmean-no-axes",
                arguments="reduction='batchmean'",
                inputs={"x": real(), "target": unit()},
            ),
            LayerCase(
                "zeros", arguments="reduction='none'", inputs={"x": real(4, 5), "target": YES}
            ),
            LayerCase("target-for-all-rows", inputs={"x": real(4, 3), "target": unit(3)}),
            LayerCase(
                "x-for-all-rows",
                arguments="reduction='batchmean'",
                inputs={"x": real(3), "target": unit(4, 3)},
            ),
            LayerCase("not-finite", arguments="reduction='none'", inputs=LOOSE),
            LayerCase(
                "not-finite-logs", arguments="reduction='none', log_target=True", inputs=LOOSE
            ),
        ),
        source="torch.nn.KLDivLoss",
    ),
    LayerPair(
        "numpy_layers.BCELoss",
        summary="The mean cross-entropy of probabilities of two outcomes.",
        inputs={"x": unit(4, 5), "target": unit(4, 5)},
        wrt=("x",),
        grid=ENDS,
        cases=(
            *_shapes(unit, unit),
            _held("weight", "BCELoss({}.ones(5))"),
            _held(
                "weight-of-rows",
                "BCELoss(weight={}.ones((3, 1)), reduction='none')",
                {"x": unit(2, 3, 4), "target": unit(2, 3, 4)},
            ),
            _held("weight-of-one", "BCELoss({}.ones(()), reduction='sum')"),
            LayerCase("outcomes", inputs={"x": unit(4, 5), "target": YES}),
            LayerCase(
                "certain",
                arguments="reduction='none'",
                inputs={
                    "x": values([0.0, 0.0, 1.0, 1.0, 0.0, 1.0, 1e-45, 1e-30, 0.9999999]),
                    "target": values([0.0, 1.0, 0.0, 1.0, 0.5, 0.25, 1.0, 0.0, 0.0]),
                },
                kinks=True,
            ),
        ),
        source="torch.nn.BCELoss",
    ),
    LayerPair(
        "numpy_layers.BCEWithLogitsLoss",
        summary="The mean cross-entropy of logits of two outcomes.",
        inputs={"x": real(4, 5), "target": unit(4, 5)},
        wrt=("x",),
        grid=ENDS,
        cases=(
            *_shapes(real, unit),
            _held("weight", "BCEWithLogitsLoss({}.ones(5))"),
            _held(
                "weight-of-rows",
                "BCEWithLogitsLoss(weight={}.ones((3, 1)), reduction='none')",
                {"x": real(2, 3, 4), "target": unit(2, 3, 4)},
            ),
            _held("pos-weight", "BCEWithLogitsLoss(pos_weight={}.ones(5))"),
            _held("pos-weight-of-one", "BCEWithLogitsLoss(pos_weight={}.ones(()))"),
            _held(
                "both-weights",
                "BCEWithLogitsLoss({0}.ones((1, 5)), reduction='sum', pos_weight={0}.ones(5))",
            ),
            LayerCase("outcomes", inputs={"x": real(4, 5), "target": YES}),
            _held(
                "outcomes-weighed",
                "BCEWithLogitsLoss(reduction='none', pos_weight={}.ones(5))",
                {"x": real(4, 5), "target": YES},
            ),
            LayerCase(
                "saturated",
                arguments="reduction='none'",
                inputs={
                    "x": values([40.0, -40.0, 800.0, -800.0, 40.0, -800.0, 0.0]),
                    "target": values([1.0, 0.0, 1.0, 0.0, 0.0, 1.0, 1.0]),
                },
            ),
            LayerCase("not-finite", arguments="reduction='none'", inputs=LOOSE),
        ),
        source="torch.nn.BCEWithLogitsLoss",
    ),
    LayerPair(
        "numpy_layers.MultiLabelSoftMarginLoss",
        summary="The mean over classes and rows of the cross-entropy of logits of two outcomes.",
        inputs={"x": real(4, 5), "target": YES},
        wrt=("x",),
        grid=ENDS,
        cases=(
            _held("weight", "MultiLabelSoftMarginLoss({}.ones(5))"),
            _held(
                "weight-of-rows",
                "MultiLabelSoftMarginLoss({}.ones((3, 1)), reduction='none')",
                {"x": real(2, 3, 4), "target": unit(2, 3, 4)},
            ),
            LayerCase("probabilities", inputs={"x": real(4, 5), "target": unit(4, 5)}),
            LayerCase("one-axis", inputs={"x": real(7), "target": unit(7)}),
            LayerCase(
                "three-axes",
                arguments="reduction='none'",
                inputs={"x": real(2, 3, 4), "target": unit(2, 3, 4)},
            ),
            LayerCase("one-class", inputs={"x": real(4, 1), "target": unit(4, 1)}),
            LayerCase("many", inputs={"x": real(30, 40), "target": unit(30, 40)}),
            LayerCase("target-for-all-rows", inputs={"x": real(4, 5), "target": unit(5)}),
            LayerCase(
                "saturated",
                arguments="reduction='none'",
                inputs={
                    "x": values([[40.0], [-40.0], [800.0], [-800.0], [40.0], [-80.0], [0.0]]),
                    "target": values([[1.0], [0.0], [1.0], [0.0], [0.0], [1.0], [1.0]]),
                },
            ),
            LayerCase(
                "not-finite",
                arguments="reduction='none'",
                inputs={
                    "x": values([[NAN, 0.0], [INF, 0.0], [-INF, 1.0], [INF, 1.0], [-INF, 1.0]]),
                    "target": values([[0.0, 1.0], [0.0, 1.0], [1.0, 0.0], [1.0, 0.0], [0.0, NAN]]),
                },
            ),
        ),
        source="torch.nn.MultiLabelSoftMarginLoss",
    ),
    LayerPair(
        "numpy_layers.NLLLoss",
        summary="The mean negative of the log-probability of the class that is the target.",
        inputs={"x": real(6, 5), "target": integers(0, 5, (6,))},
        grid=(
            *ENDS,
            "ignore_index=2",
            "ignore_index=2, reduction='none'",
            "ignore_index=2, reduction='sum'",
            "ignore_index=9",
        ),
        cases=(
            _held("weight", "NLLLoss({}.ones(5))"),
            _held("weight-none", "NLLLoss({}.ones(5), reduction='none')"),
            _held("weight-sum", "NLLLoss(weight={}.ones(5), reduction='sum')"),
            _held("weight-ignore", "NLLLoss({}.ones(5), ignore_index=1)"),
            LayerCase("one-row", inputs={"x": real(5), "target": values(0, dtype="int64")}),
            LayerCase(
                "one-row-none",
                arguments="reduction='none'",
                inputs={"x": real(5), "target": values(0, dtype="int64")},
            ),
            _held(
                "one-row-weight",
                "NLLLoss({}.ones(5))",
                {"x": real(5), "target": values(0, dtype="int64")},
            ),
            LayerCase("three-axes", inputs={"x": real(2, 5, 3), "target": integers(0, 5, (2, 3))}),
            _held(
                "four-axes",
                "NLLLoss({}.ones(5), ignore_index=0, reduction='none')",
                {"x": real(2, 5, 3, 2), "target": integers(0, 5, (2, 3, 2))},
            ),
            LayerCase(
                "one-class", inputs={"x": real(4, 1), "target": values([0] * 4, dtype="int64")}
            ),
            LayerCase(
                "some-ignored",
                inputs={"x": real(4, 3), "target": values([2, -100, 0, -100], dtype="int64")},
            ),
            *(
                LayerCase(
                    f"all-ignored-{reduction}",
                    arguments=f"reduction='{reduction}'",
                    inputs={"x": real(3, 4), "target": values([-100] * 3, dtype="int64")},
                )
                for reduction in ("none", "mean", "sum")
            ),
            LayerCase(
                "not-finite",
                arguments="reduction='none', ignore_index=1",
                inputs={"x": ROWS, "target": values([1, 0, 2, 0, 1, 0], dtype="int64")},
            ),
        ),
        differences=(
            Difference(
                "grad-input-must-be-contiguous",
                cases=("four-axes",),
                probes=("transposed",),
                shows="torch raises",
                why="From four axes on, torch's backward refuses an input that is not contiguous.",
                instead="Make the input contiguous first.",
            ),
        ),
        source="torch.nn.NLLLoss",
    ),
    LayerPair(
        "numpy_layers.CrossEntropyLoss",
        summary="The mean cross-entropy of the softmax of logits, by class or by probabilities.",
        inputs={"x": real(6, 5), "target": integers(0, 5, (6,))},
        wrt=("x",),
        grid=(
            *ENDS,
            "ignore_index=2",
            "ignore_index=2, reduction='none'",
            "label_smoothing=0.1",
            "label_smoothing=1.0",
            "label_smoothing=0.3, reduction='none', ignore_index=1",
            "label_smoothing=0.3, reduction='sum'",
            "label_smoothing=0.3, ignore_index=1",
        ),
        cases=(
            _held("weight", "CrossEntropyLoss({}.ones(5))"),
            _held("weight-none", "CrossEntropyLoss({}.ones(5), reduction='none')"),
            _held("weight-sum", "CrossEntropyLoss(weight={}.ones(5), reduction='sum')"),
            _held("weight-ignore", "CrossEntropyLoss({}.ones(5), ignore_index=1)"),
            _held("weight-smoothing", "CrossEntropyLoss({}.ones(5), label_smoothing=0.2)"),
            _held(
                "all-options",
                "CrossEntropyLoss({}.ones(5), ignore_index=1, reduction='none', "
                "label_smoothing=0.2)",
            ),
            *(
                LayerCase(
                    f"probabilities-{case}",
                    arguments=arguments,
                    inputs={"x": real(6, 5), "target": unit(6, 5)},
                )
                for case, arguments in {
                    "mean": "",
                    "none": "reduction='none'",
                    "sum": "reduction='sum'",
                    "smoothing": "label_smoothing=0.2",
                    "all-smoothing": "label_smoothing=1.0, reduction='none'",
                }.items()
            ),
            _held(
                "probabilities-weight",
                "CrossEntropyLoss({}.ones(5))",
                {"x": real(6, 5), "target": unit(6, 5)},
            ),
            _held(
                "probabilities-weight-smoothing",
                "CrossEntropyLoss({}.ones(5), reduction='none', label_smoothing=0.2)",
                {"x": real(6, 5), "target": unit(6, 5)},
            ),
            LayerCase(
                "probabilities-four-axes",
                arguments="label_smoothing=0.2",
                inputs={"x": real(2, 5, 3, 2), "target": unit(2, 5, 3, 2)},
            ),
            LayerCase("probabilities-one-row", inputs={"x": real(5), "target": unit(5)}),
            LayerCase(
                "probabilities-one-row-none",
                arguments="reduction='none'",
                inputs={"x": real(5), "target": unit(5)},
            ),
            LayerCase("one-row", inputs={"x": real(5), "target": values(0, dtype="int64")}),
            _held(
                "one-row-weight",
                "CrossEntropyLoss({}.ones(5), reduction='none', label_smoothing=0.2)",
                {"x": real(5), "target": values(0, dtype="int64")},
            ),
            LayerCase("three-axes", inputs={"x": real(2, 5, 3), "target": integers(0, 5, (2, 3))}),
            _held(
                "four-axes",
                "CrossEntropyLoss({}.ones(5), ignore_index=0, reduction='none', "
                "label_smoothing=0.2)",
                {"x": real(2, 5, 3, 2), "target": integers(0, 5, (2, 3, 2))},
            ),
            LayerCase(
                "one-class", inputs={"x": real(4, 1), "target": values([0] * 4, dtype="int64")}
            ),
            LayerCase("many", inputs={"x": real(30, 100), "target": integers(0, 100, (30,))}),
            LayerCase(
                "some-ignored",
                inputs={"x": real(4, 3), "target": values([2, -100, 0, -100], dtype="int64")},
            ),
            *(
                LayerCase(
                    f"all-ignored-{case}",
                    arguments=arguments,
                    inputs={"x": real(3, 4), "target": values([-100] * 3, dtype="int64")},
                )
                for case, arguments in {
                    "none": "reduction='none'",
                    "mean": "",
                    "smoothing": "label_smoothing=0.1",
                }.items()
            ),
            LayerCase(
                "not-finite",
                arguments="reduction='none', ignore_index=1",
                inputs={"x": ROWS, "target": values([2, 0, 2, 1, 0, 0], dtype="int64")},
            ),
            LayerCase(
                "not-finite-smoothed",
                arguments="reduction='none', label_smoothing=0.1",
                inputs={"x": ROWS, "target": values([2, 0, 2, 1, 0, 0], dtype="int64")},
            ),
            LayerCase(
                "not-finite-probabilities",
                arguments="reduction='none'",
                inputs={"x": ROWS, "target": values([[0.5, 0.0, 0.5]] * 6)},
            ),
        ),
        source="torch.nn.CrossEntropyLoss",
    ),
    LayerPair(
        "numpy_layers.LinearCrossEntropyLoss",
        summary="The mean cross-entropy of the softmax of logits that are linear in the input.",
        arguments="4, 5",
        inputs={"x": real(6, 4), "target": integers(0, 5, (6,))},
        wrt=("x",),
        grid=(
            *ENDS,
            "bias=True",
            "bias=True, reduction='none', ignore_index=2",
            "ignore_index=2",
            "label_smoothing=0.2",
            "bias=True, label_smoothing=0.2, ignore_index=0, reduction='sum'",
        ),
        cases=(
            _held("weight", "LinearCrossEntropyLoss(4, 5, weight={}.ones(5))"),
            _held(
                "all-options",
                "LinearCrossEntropyLoss(4, 5, bias=True, reduction='none', weight={}.ones(5), "
                "ignore_index=1, label_smoothing=0.2)",
            ),
            LayerCase(
                "several-logits",
                arguments="4, 5, out_features=(3,), bias=True",
                inputs={"x": real(6, 4), "target": integers(0, 5, (6, 3))},
            ),
            _held(
                "two-axes-of-logits",
                "LinearCrossEntropyLoss(4, 5, out_features=(3, 2), weight={}.ones(5))",
                {"x": real(6, 4), "target": integers(0, 5, (6, 3, 2))},
            ),
            LayerCase(
                "probabilities",
                arguments="4, 5, bias=True, label_smoothing=0.2",
                inputs={"x": real(6, 4), "target": unit(6, 5)},
            ),
            LayerCase(
                "several-probabilities",
                arguments="4, 5, out_features=(3,), reduction='none'",
                inputs={"x": real(6, 4), "target": unit(6, 5, 3)},
            ),
            LayerCase(
                "one-class",
                arguments="4, 1",
                inputs={"x": real(6, 4), "target": values([0] * 6, dtype="int64")},
            ),
            LayerCase(
                "one-feature",
                arguments="1, 3",
                inputs={"x": real(6, 1), "target": integers(0, 3, (6,))},
            ),
            LayerCase(
                "one-row",
                arguments="4, 5, bias=True",
                inputs={"x": real(4), "target": values(3, dtype="int64")},
            ),
            LayerCase(
                "one-row-probabilities",
                arguments="4, 5, reduction='none'",
                inputs={"x": real(4), "target": unit(5)},
            ),
        ),
        source="torch.nn.LinearCrossEntropyLoss",
    ),
    LayerPair(
        "numpy_layers.MultiLabelMarginLoss",
        summary="How far each class of a row falls short of exceeding all others by 1.",
        inputs={"x": real(5, 5), "target": NAMED},
        grid=ENDS,
        cases=(
            LayerCase(
                "one-row", inputs={"x": real(5), "target": values([3, 0, -1, 1, 2], "int64")}
            ),
            LayerCase(
                "one-row-none",
                arguments="reduction='none'",
                inputs={"x": real(5), "target": values([3, 0, -1, 1, 2], "int64")},
            ),
            LayerCase("one-class", inputs={"x": real(4, 1), "target": integers(-1, 1, (4, 1))}),
            LayerCase(
                "batch-of-one",
                inputs={"x": real(1, 5), "target": values([[2, 4, -1, 0, 0]], "int64")},
            ),
            LayerCase(
                "batch-of-none",
                arguments="reduction='none'",
                inputs={"x": real(0, 5), "target": integers(0, 5, (0, 5))},
            ),
            LayerCase("many", inputs={"x": real(20, 30), "target": integers(-1, 30, (20, 30))}),
            LayerCase(
                "at-the-margin",
                arguments="reduction='none'",
                inputs={
                    "x": values([[1.0, 0.0, 0.0], [0.5, -0.5, 1.5], [0.0, 0.0, 0.0]]),
                    "target": values([[0, -1, -1], [0, 2, -1], [1, -1, -1]], "int64"),
                },
                kinks=True,
            ),
            LayerCase(
                "not-finite",
                arguments="reduction='none'",
                inputs={"x": ROWS, "target": values([[1, -1, -1], [0, 2, -1]] * 3, "int64")},
            ),
        ),
        # The sum and the mean of an empty batch are what torch finds in memory.
        batch_axis=None,
        source="torch.nn.MultiLabelMarginLoss",
    ),
    LayerPair(
        "numpy_layers.MultiMarginLoss",
        summary="How far the class of a row falls short of exceeding all others by a margin.",
        inputs={"x": real(6, 5), "target": integers(0, 5, (6,))},
        grid=(*ENDS, "2", "2, 0.5, reduction='none'", "margin=2.0", "margin=-0.5", "p=2, margin=3"),
        cases=(
            _held("weight", "MultiMarginLoss(weight={}.ones(5))"),
            _held("weight-p2", "MultiMarginLoss(2, 0.5, {}.ones(5), reduction='none')"),
            LayerCase("one-row", inputs={"x": real(5), "target": values(3, dtype="int64")}),
            LayerCase(
                "one-row-none",
                arguments="reduction='none'",
                inputs={"x": real(5), "target": values(3, dtype="int64")},
            ),
            _held(
                "one-row-one-target",
                "MultiMarginLoss(weight={}.ones(5), reduction='none')",
                {"x": real(5), "target": values([3], dtype="int64")},
            ),
            LayerCase(
                "one-class", inputs={"x": real(4, 1), "target": values([0] * 4, dtype="int64")}
            ),
            LayerCase("batch-of-one", inputs={"x": real(1, 5), "target": integers(0, 5, (1,))}),
            LayerCase(
                "batch-of-none",
                arguments="reduction='none'",
                inputs={"x": real(0, 5), "target": integers(0, 5, (0,))},
            ),
            LayerCase("many", inputs={"x": real(20, 70), "target": integers(0, 70, (20,))}),
            *(
                LayerCase(
                    f"at-the-margin-p{p}",
                    arguments=f"{p}, reduction='none'",
                    inputs={
                        "x": values([[1.0, 0.0, 0.0], [0.5, -0.5, 1.5], [0.0, 0.0, 0.0]]),
                        "target": values([0, 0, 1], dtype="int64"),
                    },
                    kinks=True,
                )
                for p in ("1", "2")
            ),
            *(
                LayerCase(
                    f"not-finite-p{p}",
                    arguments=f"{p}, reduction='none'",
                    inputs={"x": ROWS, "target": values([0, 1, 2, 0, 1, 0], dtype="int64")},
                )
                for p in ("1", "2")
            ),
        ),
        # The sum and the mean of an empty batch are what torch finds in memory.
        batch_axis=None,
        source="torch.nn.MultiMarginLoss",
    ),
    LayerPair(
        "numpy_layers.HingeEmbeddingLoss",
        summary="A distance where the target is 1, what it lacks of a margin where it is -1.",
        inputs={"x": real(4, 5), "target": SIGNS},
        wrt=("x",),
        grid=(*ENDS, "0.5", "margin=2.0, reduction='none'", "margin=-1.0"),
        cases=(
            *_shapes(),
            LayerCase("one-axis-of-signs", inputs={"x": real(4), "target": COLUMN}),
            LayerCase("target-for-all-rows", inputs={"x": real(3, 4), "target": COLUMN}),
            LayerCase(
                "x-for-all-rows",
                arguments="reduction='none'",
                inputs={"x": real(1, 5), "target": SIGNS},
            ),
            LayerCase(
                "at-the-margin",
                arguments="reduction='none'",
                inputs={
                    "x": values([1.0, 1.0, 1.0, 0.0, 0.0, 2.0]),
                    "target": values([-1.0, 1.0, 0.0, -1.0, 2.0, -1.0]),
                },
                kinks=True,
            ),
            LayerCase(
                "not-finite",
                arguments="reduction='none'",
                inputs={
                    "x": values([NAN, NAN, INF, -INF, INF, -INF, 1.0]),
                    "target": values([1.0, -1.0, 1.0, 1.0, -1.0, -1.0, NAN]),
                },
            ),
        ),
        source="torch.nn.HingeEmbeddingLoss",
    ),
    LayerPair(
        "numpy_layers.MarginRankingLoss",
        summary="How far one input falls short of exceeding the other by a margin.",
        inputs={"input1": real(4, 5), "input2": real(4, 5), "target": SIGNS},
        wrt=("input1", "input2"),
        grid=(*ENDS, "0.5", "margin=2.0, reduction='none'", "margin=-0.5"),
        cases=(
            LayerCase("one-axis", inputs={"input1": real(4), "input2": real(4), "target": COLUMN}),
            LayerCase(
                "no-axes", inputs={"input1": real(), "input2": real(), "target": values(1.0)}
            ),
            LayerCase(
                "each-with-each",
                inputs={"input1": real(4, 1), "input2": real(1, 5), "target": SIGNS},
            ),
            LayerCase(
                "target-for-all-rows",
                arguments="0.3, reduction='none'",
                inputs={"input1": real(4, 3), "input2": real(4, 3), "target": real(1, 3)},
            ),
            LayerCase(
                "at-the-margin",
                arguments="0.5, reduction='none'",
                inputs={
                    "input1": values([1.0, 0.5, 1.0, 0.0, 0.0]),
                    "input2": values([0.5, 1.0, 1.0, 0.0, 1.0]),
                    "target": values([1.0, -1.0, 1.0, 0.0, -1.0]),
                },
                kinks=True,
            ),
            LayerCase(
                "equal",
                arguments="reduction='none'",
                inputs={
                    "input1": values([1.0, -2.0]),
                    "input2": values([1.0, -2.0]),
                    "target": values([1.0, -1.0]),
                },
                kinks=True,
            ),
            LayerCase(
                "not-finite",
                arguments="reduction='none'",
                inputs={
                    "input1": values([NAN, INF, INF, 1.0, 1.0, -INF]),
                    "input2": values([0.0, 1.0, INF, -INF, 2.0, 0.0]),
                    "target": values([1.0, -1.0, 1.0, 1.0, NAN, 1.0]),
                },
            ),
        ),
        source="torch.nn.MarginRankingLoss",
    ),
    LayerPair(
        "numpy_layers.CosineEmbeddingLoss",
        summary="How far vectors are from one direction, or within a margin of it.",
        inputs={"input1": real(4, 5), "input2": real(4, 5), "target": COLUMN},
        wrt=("input1", "input2"),
        grid=(*ENDS, "0.3", "margin=-0.4, reduction='none'", "margin=-1.0"),
        cases=(
            LayerCase(
                "one-axis",
                inputs={"target": values(1.0), "input1": real(5), "input2": real(5)},
                call="input1, input2, target",
            ),
            LayerCase(
                "one-axis-apart",
                arguments="-0.5, reduction='none'",
                inputs={"target": values(-1.0), "input1": real(5), "input2": real(5)},
                call="input1, input2, target",
            ),
            LayerCase(
                "other-targets",
                inputs={
                    "input1": real(4, 5),
                    "input2": real(4, 5),
                    "target": values([1.0, 0.0, -1.0, 2.0]),
                },
            ),
            LayerCase(
                "whole-targets",
                inputs={
                    "input1": real(4, 5),
                    "input2": real(4, 5),
                    "target": values([1, -1, -1, 1], dtype="int64"),
                },
            ),
            LayerCase(
                "one-to-many",
                arguments="-1.0",
                inputs={"input1": real(4, 5), "input2": real(1, 5), "target": COLUMN},
            ),
            LayerCase(
                "one-target",
                arguments="-1.0, reduction='none'",
                inputs={"input1": real(4, 5), "input2": real(4, 5), "target": values([-1.0])},
            ),
            LayerCase(
                "many",
                arguments="-1.0",
                inputs={"input1": real(4, 700), "input2": real(4, 700), "target": COLUMN},
            ),
            LayerCase(
                "small",
                arguments="-1.0, reduction='none'",
                inputs={
                    "input1": values([[1e-6, 2e-6], [0.0, 0.0], [1e-9, 1.0], [0.0, 0.0]]),
                    "input2": values([[1.0, -2.0], [1.0, 2.0], [2e-7, 1e-7], [0.0, 0.0]]),
                    "target": COLUMN,
                },
            ),
            LayerCase(
                "right-angles",
                arguments="reduction='none'",
                inputs={
                    "input1": values([[1.0, 0.0], [0.0, -2.0], [1.0, 1.0], [0.0, 1.0]]),
                    "input2": values([[0.0, 1.0], [3.0, 0.0], [1.0, -1.0], [1.0, 0.0]]),
                    "target": values([-1.0, -1.0, -1.0, 1.0]),
                },
                kinks=True,
            ),
            LayerCase(
                "not-finite",
                arguments="reduction='none'",
                inputs={
                    "input1": values([[1.0, NAN], [INF, 0.0], [1.0, NAN], [1.0, 2.0]]),
                    "input2": values([[1.0, 0.5], [1.0, 2.0], [0.5, 2.0], [-INF, 1.0]]),
                    "target": values([1.0, 1.0, -1.0, -1.0]),
                },
            ),
        ),
        source="torch.nn.CosineEmbeddingLoss",
    ),
    LayerPair(
        "numpy_layers.TripletMarginLoss",
        summary="How far anchors fall short of being nearer to positives than to negatives.",
        inputs=_triplet((4, 5), (4, 5), (4, 5)),
        grid=(
            *ENDS,
            "5.0",
            "margin=0.5, reduction='none'",
            "p=1.0",
            "p=3.0, swap=True",
            "p=1.5, margin=3",
            "p=float('inf'), margin=3.0",
            "p=0.5, margin=30.0",
            "eps=0.25, margin=3.0, reduction='none'",
            "swap=True",
            "2.0, 2.0, 0.1, True, reduction='none'",
        ),
        cases=(
            LayerCase("one-axis", inputs=_triplet((6,), (6,), (6,))),
            LayerCase("no-axes", arguments="5.0", inputs=_triplet((), (), ())),
            LayerCase("three-axes", inputs=_triplet((2, 5, 3), (2, 5, 3), (2, 5, 3))),
            LayerCase("one-positive", arguments="5.0", inputs=_triplet((4, 5), (1, 5), (4, 5))),
            LayerCase(
                "one-pair",
                arguments="5.0, swap=True, reduction='none'",
                inputs=_triplet((1, 5), (1, 5), (4, 5)),
            ),
            LayerCase("many", arguments="9.0", inputs=_triplet((3, 700), (3, 700), (3, 700))),
            *(
                LayerCase(
                    f"kinks-p{p}{'-swap' * swap}",
                    arguments=f"1.0, {p}, 0.0, {swap}, reduction='none'",
                    inputs=POINTS,
                    kinks=True,
                )
                for p in ("2.0", "1.0", "3.0")
                for swap in (False, True)
            ),
            *(
                LayerCase(
                    f"not-finite{'-swap' * swap}",
                    arguments=f"swap={swap}, reduction='none'",
                    inputs=LOST,
                )
                for swap in (False, True)
            ),
        ),
        source="torch.nn.TripletMarginLoss",
    ),
    LayerPair(
        "numpy_layers.TripletMarginWithDistanceLoss",
        summary="TripletMarginLoss with any layer as the distance.",
        inputs=_triplet((4, 5), (4, 5), (4, 5)),
        grid=(*ENDS, "margin=0.5", "margin=5.0, swap=True", "swap=True, reduction='none'"),
        cases=(
            LayerCase("one-axis", inputs=_triplet((6,), (6,), (6,))),
            LayerCase(
                "three-axes",
                arguments="swap=True, margin=5.0",
                inputs=_triplet((2, 5, 3), (2, 5, 3), (2, 5, 3)),
            ),
            LayerCase(
                "one-anchor",
                arguments="swap=True, margin=5.0",
                inputs=_triplet((1, 5), (4, 5), (4, 5)),
            ),
            *(
                LayerCase(
                    f"distance-{case}",
                    numpy=f"TripletMarginWithDistanceLoss(distance_function={distance}, {more})",
                    twin="torch.nn.TripletMarginWithDistanceLoss("
                    f"distance_function=torch.nn.{distance}, {more})",
                )
                for case, distance, more in (
                    ("p1", "PairwiseDistance(p=1.0)", "margin=3.0"),
                    ("p3", "PairwiseDistance(3.0, 0.1)", "swap=True, reduction='none'"),
                    ("cosine", "CosineSimilarity()", "margin=2.0"),
                    ("cosine-swap", "CosineSimilarity(eps=0.1)", "swap=True, reduction='sum'"),
                    ("trained", "Bilinear(5, 5, 3, False)", "margin=9.0"),
                    (
                        "trained-swap",
                        "Bilinear(5, 5, 3, False)",
                        "margin=2.0, swap=True, reduction='none'",
                    ),
                )
            ),
            LayerCase("kinks", arguments="reduction='none'", inputs=POINTS, kinks=True),
            LayerCase("not-finite", arguments="reduction='none', swap=True", inputs=LOST),
        ),
        source="torch.nn.TripletMarginWithDistanceLoss",
    ),
)
