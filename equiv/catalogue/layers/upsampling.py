"""The pairs of the upsamplings, in the order of torch.nn's manual."""

from equiv.entry import Difference, LayerCase, LayerPair, real, values

INF = float("inf")
NAN = float("nan")

NOT_FINITE = values([[[[1.0, 2.0, INF], [1.0, -2.0, 3.0], [NAN, 1.0, 2.0], [3.0, 4.0, 0.5]]]])

LINE = {"x": real(2, 3, 7)}
IMAGE = {"x": real(2, 3, 5, 4)}
VOLUME = {"x": real(2, 2, 3, 4, 5)}

PICKED = {
    "twice": ("scale_factor=2", IMAGE),
    "factors": ("scale_factor=(1.7, 2.6)", IMAGE),
    "recomputed": ("scale_factor=1.7, recompute_scale_factor=True", IMAGE),
    "less": ("scale_factor=0.5", IMAGE),
    "size": ("(7, 3)", IMAGE),
    "line": ("scale_factor=1.7", LINE),
    "volume": ("scale_factor=2", VOLUME),
}
"""For the modes that take places of any rank as they are, or average them."""

WEIGHED = {
    "twice": "scale_factor=2",
    "factors": "scale_factor=(1.7, 2.6)",
    "recomputed": "scale_factor=1.7, recompute_scale_factor=True",
    "not-recomputed": "scale_factor=1.7, recompute_scale_factor=False",
    "less": "scale_factor=0.4",
    "size": "(7, 3)",
    "one": "1",
    "aligned": "scale_factor=1.7, align_corners=True",
    "aligned-size": "(7, 3), align_corners=True",
    "aligned-one": "1, align_corners=True",
    "not-aligned": "scale_factor=1.7, align_corners=False",
}
"""For images, whose places are weighed."""

PAIRS: tuple[LayerPair, ...] = (
    LayerPair(
        "numpy_layers.PixelShuffle",
        summary="Groups of r r channels spread over squares of r by r pixels.",
        arguments="2",
        inputs={"x": real(2, 8, 3, 4)},
        grid=("",),
        cases=(
            LayerCase("three", arguments="3", inputs={"x": real(2, 18, 2, 1)}),
            LayerCase("one", arguments="1"),
            LayerCase("no-batch", inputs={"x": real(4, 3, 2)}),
            LayerCase("more-axes", inputs={"x": real(2, 3, 8, 2, 3)}),
        ),
        differences=(
            Difference(
                "no-pixels-back",
                cases=("plain", "three", "no-batch", "more-axes"),
                probes=("batch of none",),
                shows="torch raises",
                why="torch's backward of an empty array keeps its shape, which is not that of x.",
                instead="Skip empty batches in torch; the NumPy layer's dx has the shape of x.",
            ),
        ),
        source="torch.nn.PixelShuffle",
    ),
    LayerPair(
        "numpy_layers.PixelUnshuffle",
        summary="Squares of r by r pixels gathered into groups of r r channels.",
        arguments="2",
        inputs={"x": real(2, 3, 6, 4)},
        grid=("",),
        cases=(
            LayerCase("three", arguments="3", inputs={"x": real(2, 2, 3, 6)}),
            LayerCase("one", arguments="1"),
            LayerCase("no-batch", inputs={"x": real(3, 4, 2)}),
            LayerCase("more-axes", inputs={"x": real(2, 3, 1, 2, 6)}),
        ),
        differences=(
            Difference(
                "no-pixels",
                cases=("plain", "three", "no-batch", "more-axes"),
                probes=("batch of none",),
                shows="shape",
                why="torch returns an empty array in the shape in which it came.",
                instead="Skip empty batches in torch; the NumPy layer's y has its usual shape.",
            ),
        ),
        source="torch.nn.PixelUnshuffle",
    ),
    LayerPair(
        "numpy_layers.Upsample",
        summary="Places resized by interpolation.",
        inputs=IMAGE,
        cases=(
            *(
                LayerCase(f"{mode}-{name}", arguments=f"{option}, mode={mode!r}", inputs=x)
                for mode in ("nearest", "nearest-exact", "area")
                for name, (option, x) in PICKED.items()
            ),
            *(
                LayerCase(f"{mode}-{name}", arguments=f"{option}, mode={mode!r}")
                for mode in ("bilinear", "bicubic")
                for name, option in WEIGHED.items()
            ),
            *(
                LayerCase(f"{mode}-{name}", arguments=f"{option}, mode={mode!r}", inputs=x)
                for mode, x in {"linear": LINE, "trilinear": VOLUME}.items()
                for name, option in {
                    "factor": "scale_factor=1.7",
                    "size": "4",
                    "aligned": "scale_factor=1.7, align_corners=True",
                }.items()
            ),
            LayerCase("one-place", arguments="3, mode='bicubic'", inputs={"x": real(2, 2, 1, 1)}),
            LayerCase(
                "long", arguments="scale_factor=1.5, mode='linear'", inputs={"x": real(1, 1, 90)}
            ),
            *(
                LayerCase(
                    f"not-finite-{mode}",
                    arguments=f"{size}, mode={mode!r}",
                    inputs={"x": NOT_FINITE},
                )
                for mode, size in {
                    "nearest": "7",
                    "area": "2",
                    "bilinear": "(7, 5)",
                    "bicubic": "(7, 5)",
                }.items()
            ),
            LayerCase("same-size", arguments="(4, 3), mode='bilinear'", inputs={"x": NOT_FINITE}),
            LayerCase("short-cut", arguments="scale_factor=1.2", inputs={"x": real(2, 3, 4)}),
            LayerCase(
                "short-cut-bicubic",
                arguments="scale_factor=1.2, mode='bicubic'",
                inputs={"x": real(2, 3, 4, 4)},
            ),
        ),
        differences=(
            Difference(
                "short-cut",
                cases=("short-cut", "short-cut-bicubic"),
                probes=(
                    "float64",
                    "float32",
                    "second call",
                    "transposed",
                    "eval",
                    "batch of one",
                    "large",
                ),
                shows="gradient",
                why="Where the factor leaves as many places as there are, torch's forward "
                "interpolates and its backward copies dy, which is not its gradient.",
                instead="Give torch recompute_scale_factor=True, with which both copy.",
            ),
        ),
        source="torch.nn.Upsample",
    ),
    LayerPair(
        "numpy_layers.UpsamplingNearest2d",
        summary="Images resized by taking one pixel for each.",
        inputs=IMAGE,
        grid=("scale_factor=2", "scale_factor=(1.5, 3)", "7", "size=(3, 9)"),
        source="torch.nn.UpsamplingNearest2d",
    ),
    LayerPair(
        "numpy_layers.UpsamplingBilinear2d",
        summary="Images resized by weighing neighbours, corners on corners.",
        inputs=IMAGE,
        grid=("scale_factor=2", "scale_factor=(1.5, 3)", "7", "size=(3, 9)"),
        source="torch.nn.UpsamplingBilinear2d",
    ),
    LayerPair(
        "numpy_layers.ChannelShuffle",
        summary="The channels of each group dealt out in turn.",
        arguments="2",
        inputs={"x": real(2, 6, 3, 4)},
        grid=("",),
        cases=(
            LayerCase("three", arguments="3"),
            LayerCase("one", arguments="1"),
            LayerCase("places", arguments="3", inputs={"x": real(2, 12, 5)}),
        ),
        source="torch.nn.ChannelShuffle",
    ),
)
