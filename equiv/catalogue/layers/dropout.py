"""The pairs of the layers that drop at random: both sides drop the same."""

from equiv.entry import LayerCase, LayerPair, real, values

INF = float("inf")
NAN = float("nan")

GRID = ("", "p=0.1", "p=0.9", "p=0.0", "p=1.0")

PAIRS: tuple[LayerPair, ...] = (
    LayerPair(
        "numpy_layers.Dropout",
        summary="Elements zeroed at random in training, the others scaled up.",
        inputs={"x": real(4, 5, 3)},
        grid=GRID,
        cases=(
            LayerCase("no-axes", inputs={"x": values(1.5)}),
            LayerCase("one-axis", inputs={"x": real(20)}),
            LayerCase("many", arguments="0.3", inputs={"x": real(40, 60)}),
            LayerCase("not-finite", inputs={"x": values([[NAN, INF, -INF, -0.0, 1.0, 2.0]])}),
            LayerCase("all-of-not-finite", arguments="1.0", inputs={"x": values([NAN, INF, 1.0])}),
        ),
        source="torch.nn.Dropout",
    ),
    LayerPair(
        "numpy_layers.Dropout1d",
        summary="Channels of sequences zeroed at random in training, the others scaled up.",
        inputs={"x": real(4, 5, 3)},
        grid=GRID,
        cases=(LayerCase("no-batch", inputs={"x": real(6, 3)}),),
        source="torch.nn.Dropout1d",
    ),
    LayerPair(
        "numpy_layers.Dropout2d",
        summary="Channels of images zeroed at random in training, the others scaled up.",
        inputs={"x": real(4, 5, 3, 2)},
        grid=GRID,
        cases=(LayerCase("three-axes", inputs={"x": real(4, 6, 3)}),),
        source="torch.nn.Dropout2d",
    ),
    LayerPair(
        "numpy_layers.Dropout3d",
        summary="Channels of volumes zeroed at random in training, the others scaled up.",
        inputs={"x": real(4, 5, 3, 1, 2)},
        grid=GRID,
        cases=(LayerCase("no-batch", inputs={"x": real(6, 2, 3, 2)}),),
        source="torch.nn.Dropout3d",
    ),
    LayerPair(
        "numpy_layers.AlphaDropout",
        summary="Elements set to SELU's limit at random in training, mean and variance kept.",
        inputs={"x": real(4, 5, 3)},
        grid=GRID,
        cases=(
            LayerCase("no-axes", inputs={"x": values(1.5)}),
            LayerCase("not-finite", inputs={"x": values([[NAN, INF, -INF, -0.0, 1.0, 2.0]])}),
            LayerCase("all-of-not-finite", arguments="1.0", inputs={"x": values([NAN, INF, 1.0])}),
        ),
        source="torch.nn.AlphaDropout",
    ),
    LayerPair(
        "numpy_layers.FeatureAlphaDropout",
        summary="Channels set to SELU's limit at random in training, mean and variance kept.",
        inputs={"x": real(4, 5, 3)},
        grid=GRID,
        cases=(
            LayerCase("two-axes", inputs={"x": real(4, 5)}),
            LayerCase("four-axes", inputs={"x": real(3, 4, 2, 3)}),
            LayerCase("five-axes", inputs={"x": real(3, 4, 2, 1, 3)}),
        ),
        source="torch.nn.FeatureAlphaDropout",
    ),
)
