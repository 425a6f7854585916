"""The pairs of the layers that map the last axis by matrices."""

from equiv.entry import LayerCase, LayerPair, real, values

INF = float("inf")
NAN = float("nan")

PAIRS: tuple[LayerPair, ...] = (
    LayerPair(
        "numpy_layers.Identity",
        summary="What came in.",
        inputs={"x": real(3, 4)},
        grid=("", "54, unused=0.1"),
        cases=(
            LayerCase("no-axes", inputs={"x": values(1.5)}),
            LayerCase("not-finite", inputs={"x": values([NAN, INF, -INF, -0.0])}),
        ),
        source="torch.nn.Identity",
    ),
    LayerPair(
        "numpy_layers.Linear",
        summary="x W^T + b over the last axis.",
        arguments="4, 6",
        inputs={"x": real(3, 4)},
        grid=("", "bias=False"),
        cases=(
            LayerCase("one-axis", inputs={"x": real(4)}),
            LayerCase("three-axes", inputs={"x": real(3, 5, 4)}),
            LayerCase("four-axes", arguments="4, 6, bias=False", inputs={"x": real(3, 2, 5, 4)}),
            LayerCase("square", arguments="5, 5", inputs={"x": real(5, 5)}),
            LayerCase("one-to-one", arguments="1, 1", inputs={"x": real(3, 1)}),
            LayerCase("many", arguments="70, 3", inputs={"x": real(90, 70)}),
            LayerCase("not-finite", inputs={"x": values([[NAN, 0, 1, 2], [INF, 0, -INF, 1]])}),
        ),
        source="torch.nn.Linear",
    ),
    LayerPair(
        "numpy_layers.Bilinear",
        summary="x1^T W x2 + b, a matrix W for each output.",
        arguments="4, 3, 5",
        inputs={"input1": real(6, 4), "input2": real(6, 3)},
        grid=("", "bias=False"),
        cases=(
            LayerCase("one-axis", inputs={"input1": real(4), "input2": real(3)}),
            LayerCase("three-axes", inputs={"input1": real(2, 7, 4), "input2": real(2, 7, 3)}),
            LayerCase(
                "square",
                arguments="3, 3, 3, bias=False",
                inputs={"input1": real(3, 3), "input2": real(3, 3)},
            ),
            LayerCase(
                "ones", arguments="1, 1, 1", inputs={"input1": real(2, 1), "input2": real(2, 1)}
            ),
        ),
        source="torch.nn.Bilinear",
    ),
)
