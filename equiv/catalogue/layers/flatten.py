"""The pairs of the layers that merge and split axes."""

from equiv.entry import LayerCase, LayerPair, real, values

PAIRS: tuple[LayerPair, ...] = (
    LayerPair(
        "numpy_layers.Flatten",
        summary="Axes merged into one, all but the batch if nothing else is said.",
        inputs={"x": real(3, 2, 5, 4)},
        grid=(
            "",
            "0",
            "2",
            "-1",
            "1, 2",
            "0, -2",
            "start_dim=0, end_dim=0",
            "start_dim=-2",
            "end_dim=-3",
        ),
        cases=(
            LayerCase("two-axes", inputs={"x": real(3, 4)}),
            LayerCase("one-axis", arguments="0", inputs={"x": real(4)}),
            LayerCase("no-axes", arguments="0", inputs={"x": values(1.5)}),
            LayerCase("an-axis-of-none", inputs={"x": real(3, 0, 4)}),
        ),
        source="torch.nn.Flatten",
    ),
    LayerPair(
        "numpy_layers.Unflatten",
        summary="One axis split into several.",
        arguments="1, (3, 4)",
        inputs={"x": real(2, 12, 5)},
        grid=("",),
        cases=(
            LayerCase("what-is-left", arguments="1, (2, -1, 3)"),
            LayerCase("nothing-left", arguments="1, (-1, 12)"),
            LayerCase("the-same", arguments="1, (-1,)"),
            LayerCase("ones", arguments="1, (1, 12, 1)"),
            LayerCase("list", arguments="-2, [4, 3]"),
            LayerCase("last", arguments="dim=-1, unflattened_size=(5, 1)"),
            LayerCase("first", arguments="0, (1, 2)"),
            LayerCase("one-axis", arguments="0, (2, 3)", inputs={"x": real(6)}),
            LayerCase("an-axis-of-none", arguments="1, (0, 4)", inputs={"x": real(3, 0)}),
            LayerCase("none-left", arguments="1, (-1, 4)", inputs={"x": real(3, 0)}),
        ),
        source="torch.nn.Unflatten",
    ),
)
