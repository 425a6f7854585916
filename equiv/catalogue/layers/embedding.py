"""The pairs of the layers that look up rows by their number."""

from equiv.entry import Difference, LayerCase, LayerPair, integers, real, values

IDS = values([5, 0, 6, 5, 5, 2, 0, 6, 1, 5, 2, 3], dtype="int64")
"""Both ends of a table of seven, a number four times, and one that does not come."""

OFFSETS = values([0, 0, 3, 7, 12], dtype="int64")
"""Bags of none, three, four, five and none of twelve."""

ENDS = values([0, 3, 7, 12, 12], dtype="int64")

UNEVEN = values([[1, 1, 3, 0], [6, 0, 3, 1], [2, 5, 5, 1]], dtype="int64")
"""Numbers that come once and several times, in the first bag too."""

PAIRS: tuple[LayerPair, ...] = (
    LayerPair(
        "numpy_layers.Embedding",
        summary="A row of the weight for every number.",
        arguments="7, 4",
        inputs={"ids": integers(0, 7, (5, 6))},
        grid=(
            "",
            "padding_idx=0",
            "padding_idx=3",
            "padding_idx=-1",
            "padding_idx=-7",
            "max_norm=0.5",
            "max_norm=0.8, norm_type=1.0",
            "max_norm=0.4, norm_type=float('inf')",
            "max_norm=3.0, norm_type=0.5, padding_idx=2",
            "max_norm=0.0",
            "scale_grad_by_freq=True",
            "scale_grad_by_freq=True, padding_idx=5, max_norm=0.5",
        ),
        cases=(
            LayerCase("one-number", inputs={"ids": values(6, dtype="int64")}),
            LayerCase("one-axis", inputs={"ids": IDS}),
            LayerCase("three-axes", inputs={"ids": integers(0, 7, (2, 3, 4))}),
            LayerCase("int32", inputs={"ids": integers(0, 7, (5, 6), dtype="int32")}),
            LayerCase("ends", inputs={"ids": values([0, 6, 6, 0], dtype="int64")}),
            LayerCase(
                "ends-padded",
                arguments="7, 4, padding_idx=-1",
                inputs={"ids": values([0, 6, 6, 0], dtype="int64")},
            ),
            LayerCase(
                "only-padding",
                arguments="7, 4, padding_idx=2",
                inputs={"ids": values([2, 2], dtype="int64")},
            ),
            LayerCase("two-of-three", arguments="3, 5", inputs={"ids": integers(1, 3, (30,))}),
            LayerCase("many", arguments="90, 3", inputs={"ids": integers(0, 90, (40, 30))}),
            LayerCase(
                "one-by-one", arguments="1, 1", inputs={"ids": values([0, 0, 0], dtype="int64")}
            ),
        ),
        source="torch.nn.Embedding",
    ),
    LayerPair(
        "numpy_layers.EmbeddingBag",
        summary="The sum, mean or maximum of the rows of each bag of numbers.",
        arguments="7, 4",
        inputs={"ids": integers(0, 7, (5, 6))},
        grid=(
            "",
            "mode='sum'",
            "mode='max'",
            "mode='mean', padding_idx=0",
            "mode='sum', padding_idx=-1",
            "mode='max', padding_idx=3",
            "max_norm=0.5",
            "mode='max', max_norm=0.8, norm_type=1.0",
            "mode='sum', max_norm=0.4, norm_type=float('inf'), padding_idx=2",
            "include_last_offset=True",
        ),
        cases=(
            *(
                LayerCase(
                    f"offsets-{mode}",
                    arguments=f"7, 4, mode='{mode}'",
                    inputs={"ids": IDS, "offsets": OFFSETS},
                )
                for mode in ("sum", "mean", "max")
            ),
            *(
                LayerCase(
                    f"ends-{mode}",
                    arguments=f"7, 4, mode='{mode}', include_last_offset=True, padding_idx=5",
                    inputs={"ids": IDS, "offsets": ENDS},
                )
                for mode in ("sum", "mean", "max")
            ),
            LayerCase(
                "weights",
                arguments="7, 4, mode='sum'",
                inputs={"ids": integers(0, 7, (5, 6)), "weights": real(5, 6)},
                call="ids, None, weights",
            ),
            LayerCase(
                "weights-offsets-padding",
                arguments="7, 4, mode='sum', padding_idx=5",
                inputs={"ids": IDS, "offsets": OFFSETS, "weights": real(12)},
                call="ids, offsets, weights",
            ),
            LayerCase(
                "weights-max-norm",
                arguments="7, 4, mode='sum', max_norm=0.5, include_last_offset=True",
                inputs={"ids": IDS, "offsets": ENDS, "weights": real(12)},
            ),
            LayerCase(
                "only-padding",
                arguments="7, 4, padding_idx=2",
                inputs={"ids": values([[2, 2], [2, 3]], dtype="int64")},
            ),
            LayerCase(
                "only-padding-max",
                arguments="7, 4, mode='max', padding_idx=2",
                inputs={"ids": values([[2, 2], [2, 3]], dtype="int64")},
            ),
            LayerCase(
                "over-counts",
                arguments="7, 4, mode='sum', scale_grad_by_freq=True",
                inputs={"ids": UNEVEN},
            ),
            LayerCase(
                "over-counts-padding",
                arguments="7, 4, scale_grad_by_freq=True, padding_idx=5",
                inputs={"ids": UNEVEN},
            ),
            LayerCase(
                "over-same-counts",
                arguments="4, 3, mode='sum', scale_grad_by_freq=True",
                inputs={"ids": values([[0, 3, 1], [3, 1, 0]], dtype="int64")},
            ),
            LayerCase("long", arguments="90, 3", inputs={"ids": integers(0, 90, (2, 300))}),
            LayerCase(
                "long-max", arguments="90, 3, mode='max'", inputs={"ids": integers(0, 90, (2, 300))}
            ),
            LayerCase("int32", inputs={"ids": integers(0, 7, (5, 6), dtype="int32")}),
            LayerCase(
                "no-numbers",
                inputs={
                    "ids": values([], dtype="int64"),
                    "offsets": values([0, 0], dtype="int64"),
                },
            ),
        ),
        differences=(
            Difference(
                "counts-of-another-row",
                cases=("over-counts", "over-counts-padding"),
                probes=(
                    "float64",
                    "float32",
                    "second call",
                    "transposed",
                    "eval",
                    "batch of one",
                ),
                shows="gradient",
                why="torch 2.13 on the CPU divides the gradient of the i-th row in use by the "
                "count of the i-th of the sorted numbers, not of its own (its issue 190063); "
                "NumPy's side does what torch documents.",
                instead="Where counts differ, take torch.nn.Embedding and a sum over the bag.",
            ),
        ),
        source="torch.nn.EmbeddingBag",
    ),
)
