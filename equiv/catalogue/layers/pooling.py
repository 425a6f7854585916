"""The pairs of the poolings; integer-valued and equal inputs show which of equal elements wins."""

from equiv.entry import Difference, LayerCase, LayerPair, integers, positive, real, values

INF = float("inf")
NAN = float("nan")

LINE = real(2, 3, 9)
IMAGE = real(2, 3, 8, 7)
VOLUME = real(2, 2, 6, 5, 4)

TIES_LINE = integers(-2, 3, (2, 3, 9), dtype="float64")
TIES_IMAGE = integers(-2, 3, (2, 3, 8, 7), dtype="float64")
TIES_VOLUME = integers(-2, 3, (2, 2, 6, 5, 4), dtype="float64")

EQUAL_LINE = values([[[3.0] * 7], [[-3.0] * 7]])
EQUAL_IMAGE = values([[[[3.0] * 6] * 5], [[[-3.0] * 6] * 5]])
EQUAL_VOLUME = values([[[[[3.0] * 5] * 3] * 4]])

HARD_LINE = values(
    [
        [[NAN, 1.0, NAN, 2.0, 0.0, -0.0], [-0.0, 0.0, 0.0, INF, INF, 1.0]],
        [[-INF, -INF, -INF, -INF, -1.0, NAN], [1.0, -INF, 1.0, 1.0, -INF, INF]],
    ]
)
"""Several NaN in a window, nothing but -inf, infinities of both signs, zeros of both signs."""
HARD_IMAGE = values([[[[NAN, 1.0, 0.0, -0.0], [NAN, INF, -0.0, 0.0], [-INF, -INF, INF, INF]] * 2]])
HARD_VOLUME = values(
    [[[[[NAN, 1.0], [NAN, NAN]], [[1.0, NAN], [2.0, 3.0]]], [[[-INF] * 2] * 2, [[0.0, -0.0]] * 2]]]
)

GAPS_IN_INDICES = Difference(
    "gaps-in-indices",
    probes=("transposed",),
    shows="torch raises",
    why="torch's backward views the indices as rows, which fails where they are not contiguous; "
    "its forward takes them.",
    instead="Give torch indices.contiguous(); the NumPy layer takes any layout.",
)

PAIRS: tuple[LayerPair, ...] = (
    LayerPair(
        "numpy_layers.MaxPool1d",
        summary="The maximum of each window along the last axis.",
        arguments="3",
        inputs={"x": LINE},
        grid=(
            "",
            "stride=1",
            "stride=2, padding=1",
            "stride=4",
            "dilation=2",
            "dilation=3, stride=1, padding=1",
            "stride=2, ceil_mode=True",
            "padding=1, ceil_mode=True",
            "stride=2, padding=1, ceil_mode=True",
            "return_indices=True",
            "stride=1, padding=1, return_indices=True",
        ),
        cases=(
            LayerCase("window-in-the-padding", arguments="2, padding=1, ceil_mode=True"),
            LayerCase("even-kernel", arguments="2"),
            LayerCase("tuples", arguments="(4,), (3,), (2,), (1,)"),
            LayerCase("one-tap", arguments="1, 2"),
            LayerCase("whole-axis", arguments="9, return_indices=True"),
            LayerCase("unbatched", arguments="2, return_indices=True", inputs={"x": real(3, 8)}),
            LayerCase(
                "ceil-shorter-than-kernel",
                arguments="3, 2, ceil_mode=True",
                inputs={"x": real(2, 3, 2)},
            ),
            LayerCase(
                "ties", arguments="3, 1, return_indices=True", inputs={"x": TIES_LINE}, kinks=True
            ),
            LayerCase(
                "ties-padded",
                arguments="4, 2, 2, return_indices=True",
                inputs={"x": TIES_LINE},
                kinks=True,
            ),
            LayerCase(
                "ties-whole-axis",
                arguments="9, return_indices=True",
                inputs={"x": TIES_LINE},
                kinks=True,
            ),
            LayerCase("all-equal", arguments="3, 2, 1", inputs={"x": EQUAL_LINE}, kinks=True),
            LayerCase("hard", arguments="3, 2, 1, return_indices=True", inputs={"x": HARD_LINE}),
            LayerCase(
                "hard-whole-axis", arguments="6, return_indices=True", inputs={"x": HARD_LINE}
            ),
        ),
        source="torch.nn.MaxPool1d",
    ),
    LayerPair(
        "numpy_layers.MaxPool2d",
        summary="The maximum of each window over the last two axes.",
        arguments="3",
        inputs={"x": IMAGE},
        grid=(
            "",
            "stride=1",
            "stride=(2, 1), padding=(0, 1)",
            "stride=2, padding=1, ceil_mode=True",
            "stride=(3, 4), ceil_mode=True",
            "dilation=(1, 2)",
            "dilation=(3, 2), stride=1, padding=1",
            "return_indices=True",
            "stride=2, padding=1, return_indices=True",
        ),
        cases=(
            LayerCase("even-kernel", arguments="2"),
            LayerCase("rectangular", arguments="(2, 5), (3, 2), (1, 2), return_indices=True"),
            LayerCase("lists-of-one", arguments="[2], [1], [1], [2]"),
            LayerCase("one-tap", arguments="1, (2, 3)"),
            LayerCase("whole-image", arguments="(8, 7), return_indices=True"),
            LayerCase("square", arguments="2, return_indices=True", inputs={"x": real(3, 2, 6, 6)}),
            LayerCase("unbatched", arguments="2, return_indices=True", inputs={"x": real(3, 4, 6)}),
            LayerCase(
                "ties",
                arguments="3, 2, 1, return_indices=True",
                inputs={"x": TIES_IMAGE},
                kinks=True,
            ),
            LayerCase("ties-whole-image", arguments="(8, 7)", inputs={"x": TIES_IMAGE}, kinks=True),
            LayerCase("all-equal", arguments="2, 1, 1", inputs={"x": EQUAL_IMAGE}, kinks=True),
            LayerCase("hard", arguments="2, return_indices=True", inputs={"x": HARD_IMAGE}),
            LayerCase(
                "hard-overlapping",
                arguments="3, 1, 1, return_indices=True",
                inputs={"x": HARD_IMAGE},
            ),
            LayerCase(
                "hard-whole-image",
                arguments="(6, 4), return_indices=True",
                inputs={"x": HARD_IMAGE},
            ),
        ),
        source="torch.nn.MaxPool2d",
    ),
    LayerPair(
        "numpy_layers.MaxPool3d",
        summary="The maximum of each window over the last three axes.",
        arguments="2",
        inputs={"x": VOLUME},
        grid=(
            "",
            "stride=1",
            "stride=(1, 2, 3), padding=(0, 1, 1)",
            "padding=1, ceil_mode=True",
            "dilation=(2, 1, 3)",
            "return_indices=True",
            "stride=1, padding=1, return_indices=True",
        ),
        cases=(
            LayerCase("unequal", arguments="(3, 1, 2), (2, 2, 1), (1, 0, 1), return_indices=True"),
            LayerCase("whole-volume", arguments="(6, 5, 4), return_indices=True"),
            LayerCase(
                "unbatched", arguments="2, return_indices=True", inputs={"x": real(3, 4, 2, 5)}
            ),
            LayerCase(
                "smaller-than-kernel", arguments="3, padding=1", inputs={"x": real(2, 1, 2, 2, 2)}
            ),
            LayerCase(
                "ties",
                arguments="2, 1, 1, return_indices=True",
                inputs={"x": TIES_VOLUME},
                kinks=True,
            ),
            LayerCase(
                "ties-whole-volume", arguments="(6, 5, 4)", inputs={"x": TIES_VOLUME}, kinks=True
            ),
            LayerCase("all-equal", arguments="2, 1", inputs={"x": EQUAL_VOLUME}, kinks=True),
            LayerCase("hard", arguments="2, return_indices=True", inputs={"x": HARD_VOLUME}),
            LayerCase(
                "hard-overlapping",
                arguments="2, 1, 1, return_indices=True",
                inputs={"x": HARD_VOLUME},
            ),
        ),
        source="torch.nn.MaxPool3d",
    ),
    LayerPair(
        "numpy_layers.AvgPool1d",
        summary="The mean of each window along the last axis, padding counted.",
        arguments="3",
        inputs={"x": LINE},
        grid=(
            "",
            "stride=1",
            "stride=2, padding=1",
            "stride=4",
            "padding=1, ceil_mode=True",
            "stride=2, padding=1, ceil_mode=True",
            "stride=4, ceil_mode=True",
            "stride=2, padding=1, count_include_pad=False",
            "stride=4, padding=1, ceil_mode=True, count_include_pad=False",
        ),
        cases=(
            LayerCase("window-in-the-padding", arguments="2, padding=1, ceil_mode=True"),
            LayerCase("even-kernel", arguments="2"),
            LayerCase("past-the-padding", arguments="4, 3, 1, True", inputs={"x": real(2, 3, 8)}),
            LayerCase("tuples", arguments="(4,), (3,), (2,)"),
            LayerCase("one-tap", arguments="1, 2"),
            LayerCase("whole-axis", arguments="9"),
            LayerCase("unbatched", arguments="2, padding=1", inputs={"x": real(3, 8)}),
            LayerCase("all-equal", arguments="3, 2, 1", inputs={"x": EQUAL_LINE}),
            LayerCase("hard", arguments="3, 2, 1", inputs={"x": HARD_LINE}),
            LayerCase("zeros", arguments="2", inputs={"x": values([[[-0.0, -0.0, 0.0, -0.0]]])}),
        ),
        source="torch.nn.AvgPool1d",
    ),
    LayerPair(
        "numpy_layers.AvgPool2d",
        summary="The mean of each window over the last two axes, padding counted.",
        arguments="3",
        inputs={"x": IMAGE},
        grid=(
            "",
            "stride=1",
            "stride=(2, 1), padding=(0, 1)",
            "stride=2, padding=1, ceil_mode=True",
            "stride=(3, 4), ceil_mode=True",
            "stride=2, padding=1, count_include_pad=False",
            "stride=2, padding=1, ceil_mode=True, count_include_pad=False",
            "divisor_override=5",
            "divisor_override=-2, padding=1, count_include_pad=False",
        ),
        cases=(
            LayerCase("even-kernel", arguments="2"),
            LayerCase(
                "past-the-padding", arguments="4, 3, 1, True", inputs={"x": real(2, 3, 8, 5)}
            ),
            LayerCase("rectangular", arguments="(2, 5), (3, 2), (1, 2)"),
            LayerCase("lists-of-one", arguments="[2], [1], [1]"),
            LayerCase("whole-image", arguments="(8, 7)"),
            LayerCase("square", arguments="2", inputs={"x": real(3, 2, 6, 6)}),
            LayerCase("unbatched", arguments="2, padding=1", inputs={"x": real(3, 4, 6)}),
            LayerCase("all-equal", arguments="3, 2, 1", inputs={"x": EQUAL_IMAGE}),
            LayerCase("hard", arguments="2", inputs={"x": HARD_IMAGE}),
            LayerCase(
                "zeros-below-zero",
                arguments="2, divisor_override=-3",
                inputs={"x": values([[[[0.0, -0.0], [1.0, -1.0]]]])},
            ),
        ),
        source="torch.nn.AvgPool2d",
    ),
    LayerPair(
        "numpy_layers.AvgPool3d",
        summary="The mean of each window over the last three axes, padding counted.",
        arguments="2",
        inputs={"x": VOLUME},
        grid=(
            "",
            "stride=1",
            "stride=(1, 2, 3), padding=(0, 1, 1)",
            "padding=1, ceil_mode=True",
            "stride=3, padding=1, ceil_mode=True, count_include_pad=False",
            "padding=1, count_include_pad=False",
            "divisor_override=3",
            "divisor_override=-3, stride=1",
        ),
        cases=(
            LayerCase("unequal", arguments="(3, 1, 2), (2, 2, 1), (1, 0, 1)"),
            LayerCase(
                "past-the-padding", arguments="4, 3, 1, True", inputs={"x": real(2, 1, 8, 5, 4)}
            ),
            LayerCase("whole-volume", arguments="(6, 5, 4)"),
            LayerCase("unbatched", arguments="2, padding=1", inputs={"x": real(3, 4, 2, 5)}),
            LayerCase("hard", arguments="2, 1", inputs={"x": HARD_VOLUME}),
        ),
        source="torch.nn.AvgPool3d",
    ),
    LayerPair(
        "numpy_layers.LPPool1d",
        summary="The p-norm of each window along the last axis, without absolute values.",
        arguments="2, 3",
        inputs={"x": LINE},
        grid=("", "stride=1", "stride=2, ceil_mode=True", "stride=4", "stride=4, ceil_mode=True"),
        cases=(
            LayerCase("p1", arguments="1, 2", inputs={"x": positive(2, 3, 9)}),
            LayerCase("p3", arguments="3, 2", inputs={"x": positive(2, 3, 9)}),
            LayerCase("p4", arguments="4, 3, (2,)"),
            LayerCase("p-half", arguments="0.5, 2", inputs={"x": positive(2, 3, 9)}),
            LayerCase(
                "p-one-and-a-half", arguments="1.5, 3, 2, True", inputs={"x": positive(2, 3, 8)}
            ),
            LayerCase("p-below-zero", arguments="-1, 2", inputs={"x": positive(2, 3, 9)}),
            LayerCase("p-inf", arguments="float('inf'), 3, 2, True"),
            LayerCase("p-minus-inf", arguments="float('-inf'), 3, 1"),
            LayerCase("unbatched", inputs={"x": real(3, 8)}),
            LayerCase("negative-sum", arguments="3, 2", inputs={"x": LINE}),
            LayerCase(
                "zero-windows",
                arguments="2, 2",
                inputs={"x": values([[[0.0, 0.0, -0.0, 0.0, 0.0, 3.0]]])},
                kinks=True,
            ),
            LayerCase(
                "zero-sum",
                arguments="1, 2",
                inputs={"x": values([[[1.0, -1.0, 0.0, 0.0, 2.0, 0.0]]])},
                kinks=True,
            ),
            LayerCase(
                "ties-inf", arguments="float('inf'), 3, 1", inputs={"x": TIES_LINE}, kinks=True
            ),
            LayerCase(
                "ties-minus-inf", arguments="float('-inf'), 2", inputs={"x": TIES_LINE}, kinks=True
            ),
            LayerCase("hard", arguments="2, 2, 1", inputs={"x": HARD_LINE}),
            LayerCase("hard-p1", arguments="1, 2, 1", inputs={"x": HARD_LINE}),
            LayerCase("hard-p-half", arguments="0.5, 2, 1", inputs={"x": HARD_LINE}),
            LayerCase("hard-inf", arguments="float('inf'), 2, 1", inputs={"x": HARD_LINE}),
        ),
        source="torch.nn.LPPool1d",
    ),
    LayerPair(
        "numpy_layers.LPPool2d",
        summary="The p-norm of each window over the last two axes, without absolute values.",
        arguments="2, 3",
        inputs={"x": IMAGE},
        grid=("", "stride=1", "stride=(2, 1), ceil_mode=True", "stride=(3, 4), ceil_mode=True"),
        cases=(
            LayerCase("p1", arguments="1, 2", inputs={"x": positive(2, 3, 8, 7)}),
            LayerCase("p3", arguments="3, (2, 3)", inputs={"x": positive(2, 3, 8, 7)}),
            LayerCase("p-half", arguments="0.5, 2", inputs={"x": positive(2, 3, 8, 7)}),
            LayerCase("p-inf", arguments="float('inf'), 3, 2, True"),
            LayerCase("p-minus-inf", arguments="float('-inf'), (3, 2), 1"),
            LayerCase("unbatched", arguments="2, (1, 2)", inputs={"x": real(3, 4, 6)}),
            LayerCase(
                "zero-windows",
                arguments="2, 2, 1",
                inputs={"x": values([[[[0.0, 0.0, 0.0], [0.0, -0.0, 0.0], [1.0, 0.0, 2.0]]]])},
                kinks=True,
            ),
            LayerCase(
                "ties-inf", arguments="float('inf'), 2", inputs={"x": TIES_IMAGE}, kinks=True
            ),
            LayerCase("hard", arguments="2, 2", inputs={"x": HARD_IMAGE}),
        ),
        source="torch.nn.LPPool2d",
    ),
    LayerPair(
        "numpy_layers.LPPool3d",
        summary="The p-norm of each window over the last three axes, without absolute values.",
        arguments="2, 2",
        inputs={"x": VOLUME},
        grid=("", "stride=1", "stride=(1, 2, 3), ceil_mode=True", "stride=3, ceil_mode=True"),
        cases=(
            LayerCase("p1", arguments="1, 2", inputs={"x": positive(2, 2, 6, 5, 4)}),
            LayerCase("p3", arguments="3, (3, 1, 2)", inputs={"x": positive(2, 2, 6, 5, 4)}),
            LayerCase("p-inf", arguments="float('inf'), 3, 2, True"),
            LayerCase("p-minus-inf", arguments="float('-inf'), 2, 1"),
            LayerCase("unbatched", arguments="2, (1, 2, 2)", inputs={"x": real(3, 4, 2, 5)}),
            LayerCase(
                "zero-windows",
                arguments="2, 2, 1",
                inputs={"x": values([[[[[0.0, 0.0, 1.0], [0.0, -0.0, 0.0]]] * 2]])},
                kinks=True,
            ),
            LayerCase("hard", arguments="2, 2, 1", inputs={"x": HARD_VOLUME}),
        ),
        source="torch.nn.LPPool3d",
    ),
    LayerPair(
        "numpy_layers.MaxUnpool1d",
        summary="Values put back to where a pooling took them from, along the last axis.",
        arguments="2",
        inputs={"x": real(2, 3, 4), "indices": integers(0, 8, (2, 3, 4))},
        grid=("", "stride=3", "stride=2", "stride=3, padding=1"),
        cases=(
            LayerCase("tuples", arguments="(3,), (3,), (1,)"),
            LayerCase("longer", arguments="2, 3", call="x, indices, [13]"),
            LayerCase("shorter", arguments="2, 3", call="x, indices, (2, 3, 9)"),
            LayerCase(
                "each-once",
                inputs={
                    "x": real(2, 1, 3),
                    "indices": values([[[0, 5, 2]], [[1, 3, 4]]], dtype="int64"),
                },
            ),
            LayerCase(
                "one-place-for-all",
                inputs={"x": real(2, 1, 4), "indices": values([[[5] * 4]] * 2, dtype="int64")},
            ),
            LayerCase("unbatched", inputs={"x": real(3, 4), "indices": integers(0, 8, (3, 4))}),
        ),
        source="torch.nn.MaxUnpool1d",
    ),
    LayerPair(
        "numpy_layers.MaxUnpool2d",
        summary="Values put back to where a pooling took them from, over the last two axes.",
        arguments="2",
        inputs={"x": real(2, 3, 4, 3), "indices": integers(0, 48, (2, 3, 4, 3))},
        grid=("", "stride=(2, 3)", "stride=3", "stride=(3, 2), padding=(1, 0)"),
        cases=(
            LayerCase("rectangular", arguments="(3, 2)"),
            LayerCase("larger", arguments="2, 3", call="x, indices, [13, 9]"),
            LayerCase("as-the-input", call="x, indices, (2, 3, 9, 6)"),
            LayerCase(
                "unbatched", inputs={"x": real(3, 2, 4), "indices": integers(0, 32, (3, 2, 4))}
            ),
        ),
        differences=(GAPS_IN_INDICES,),
        source="torch.nn.MaxUnpool2d",
    ),
    LayerPair(
        "numpy_layers.MaxUnpool3d",
        summary="Values put back to where a pooling took them from, over the last three axes.",
        arguments="2",
        inputs={"x": real(2, 2, 3, 2, 4), "indices": integers(0, 192, (2, 2, 3, 2, 4))},
        grid=("", "stride=(2, 3, 2)", "stride=3, padding=(0, 0, 1)"),
        cases=(
            LayerCase("unequal", arguments="(3, 2, 2)"),
            LayerCase("larger", call="x, indices, [7, 5, 8]"),
            LayerCase(
                "unbatched",
                inputs={"x": real(3, 1, 2, 3), "indices": integers(0, 48, (3, 1, 2, 3))},
            ),
        ),
        differences=(GAPS_IN_INDICES,),
        source="torch.nn.MaxUnpool3d",
    ),
    LayerPair(
        "numpy_layers.AdaptiveAvgPool1d",
        summary="The mean of each of so many windows that cover the last axis evenly.",
        inputs={"x": LINE},
        grid=("1", "2", "3", "4", "5", "8", "9", "14", "27"),
        cases=(
            LayerCase("tuple", arguments="(4,)"),
            LayerCase("unbatched", arguments="3", inputs={"x": real(3, 8)}),
            LayerCase("one-element", arguments="3", inputs={"x": real(2, 3, 1)}),
            LayerCase("all-equal", arguments="3", inputs={"x": EQUAL_LINE}),
            LayerCase("hard", arguments="4", inputs={"x": HARD_LINE}),
            LayerCase("zeros", arguments="3", inputs={"x": values([[[-0.0, -0.0, 0.0, -0.0]]])}),
        ),
        source="torch.nn.AdaptiveAvgPool1d",
    ),
    LayerPair(
        "numpy_layers.AdaptiveAvgPool2d",
        summary="The mean of each of so many windows that cover the last two axes evenly.",
        inputs={"x": IMAGE},
        grid=(
            "1",
            "4",
            "5",
            "(4, 1)",
            "(3, 7)",
            "(8, 7)",
            "(1, 3)",
            "(11, 16)",
            "(None, 3)",
            "(5, None)",
            "(None, None)",
        ),
        cases=(
            LayerCase("square", arguments="2", inputs={"x": real(3, 2, 6, 6)}),
            LayerCase("unbatched", arguments="[3, 2]", inputs={"x": real(3, 4, 6)}),
            LayerCase("all-equal", arguments="4", inputs={"x": EQUAL_IMAGE}),
            LayerCase("hard", arguments="(4, 3)", inputs={"x": HARD_IMAGE}),
            LayerCase("hard-global", arguments="1", inputs={"x": HARD_IMAGE}),
        ),
        source="torch.nn.AdaptiveAvgPool2d",
    ),
    LayerPair(
        "numpy_layers.AdaptiveAvgPool3d",
        summary="The mean of each of so many windows that cover the last three axes evenly.",
        inputs={"x": VOLUME},
        grid=("1", "3", "(4, 2, 3)", "(6, 1, 2)", "(7, 9, 8)", "(None, 3, None)", "(2, None, 5)"),
        cases=(
            LayerCase("unbatched", arguments="2", inputs={"x": real(3, 4, 2, 5)}),
            LayerCase("hard", arguments="(1, 2, 2)", inputs={"x": HARD_VOLUME}),
        ),
        source="torch.nn.AdaptiveAvgPool3d",
    ),
    LayerPair(
        "numpy_layers.AdaptiveMaxPool1d",
        summary="The maximum of each of so many windows that cover the last axis evenly.",
        inputs={"x": LINE},
        grid=(
            "1",
            "2",
            "3",
            "4",
            "5",
            "8",
            "9",
            "14",
            "5, return_indices=True",
            "1, return_indices=True",
        ),
        cases=(
            LayerCase("tuple", arguments="(4,)"),
            LayerCase("unbatched", arguments="3, return_indices=True", inputs={"x": real(3, 8)}),
            LayerCase("one-element", arguments="3", inputs={"x": real(2, 3, 1)}),
            LayerCase(
                "ties", arguments="5, return_indices=True", inputs={"x": TIES_LINE}, kinks=True
            ),
            LayerCase(
                "ties-in-few",
                arguments="2, return_indices=True",
                inputs={"x": TIES_LINE},
                kinks=True,
            ),
            LayerCase("all-equal", arguments="4", inputs={"x": EQUAL_LINE}, kinks=True),
            LayerCase("hard", arguments="4, return_indices=True", inputs={"x": HARD_LINE}),
            LayerCase("hard-in-few", arguments="2, return_indices=True", inputs={"x": HARD_LINE}),
        ),
        source="torch.nn.AdaptiveMaxPool1d",
    ),
    LayerPair(
        "numpy_layers.AdaptiveMaxPool2d",
        summary="The maximum of each of so many windows that cover the last two axes evenly.",
        inputs={"x": IMAGE},
        grid=(
            "1",
            "4",
            "5",
            "(4, 1)",
            "(3, 7)",
            "(11, 16)",
            "(None, 3)",
            "(5, None)",
            "(None, None)",
            "(5, 4), return_indices=True",
            "1, return_indices=True",
        ),
        cases=(
            LayerCase("square", arguments="2", inputs={"x": real(3, 2, 6, 6)}),
            LayerCase("unbatched", arguments="[3, 2], True", inputs={"x": real(3, 4, 6)}),
            LayerCase(
                "ties",
                arguments="(5, 4), return_indices=True",
                inputs={"x": TIES_IMAGE},
                kinks=True,
            ),
            LayerCase(
                "ties-in-few",
                arguments="2, return_indices=True",
                inputs={"x": TIES_IMAGE},
                kinks=True,
            ),
            LayerCase("all-equal", arguments="4", inputs={"x": EQUAL_IMAGE}, kinks=True),
            LayerCase("hard", arguments="(4, 3), return_indices=True", inputs={"x": HARD_IMAGE}),
            LayerCase("hard-global", arguments="1, return_indices=True", inputs={"x": HARD_IMAGE}),
        ),
        source="torch.nn.AdaptiveMaxPool2d",
    ),
    LayerPair(
        "numpy_layers.AdaptiveMaxPool3d",
        summary="The maximum of each of so many windows that cover the last three axes evenly.",
        inputs={"x": VOLUME},
        grid=(
            "1",
            "3",
            "(4, 2, 3)",
            "(6, 1, 2)",
            "(7, 9, 8)",
            "(None, 3, None)",
            "(4, 3, 3), return_indices=True",
        ),
        cases=(
            LayerCase(
                "unbatched", arguments="2, return_indices=True", inputs={"x": real(3, 4, 2, 5)}
            ),
            LayerCase(
                "ties",
                arguments="(4, 3, 3), return_indices=True",
                inputs={"x": TIES_VOLUME},
                kinks=True,
            ),
            LayerCase("all-equal", arguments="2", inputs={"x": EQUAL_VOLUME}, kinks=True),
            LayerCase(
                "hard", arguments="(1, 2, 2), return_indices=True", inputs={"x": HARD_VOLUME}
            ),
        ),
        source="torch.nn.AdaptiveMaxPool3d",
    ),
)
