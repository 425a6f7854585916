"""The pairs of the normalisations, in the order of torch.nn's manual.

What squares past float32's range has no case: torch gives zeros there in BatchNorm, NaN in
LayerNorm and GroupNorm. Nor has a mean of one value, for which torch and NumPy leave different
roundings of gradients that are 0.
"""

from equiv.entry import Difference, Input, LayerCase, LayerPair, real, values

INF = float("inf")
NAN = float("nan")

NOT_FINITE = [[[1.0, 2.0, INF], [1.0, -2.0, 3.0]], [[NAN, 1.0, 2.0], [3.0, 4.0, 0.5]]]
"""(2, 2, 3): infinite and missing values in the first of two channels."""


def _pattern(*shape: int, scale: float, shift: float = 0.0) -> Input:
    """Declare uneven steps of a scale about a shift; small multiples of eighths of it."""

    def nested(sizes: tuple[int, ...], seed: int) -> object:
        if not sizes:
            return shift + scale * ((seed * seed + 3 * seed) % 23 - 11) / 8
        return [nested(sizes[1:], 5 * seed + i + 1) for i in range(sizes[0])]

    return values(nested(shape, 0))


def _extremes(*shape: int) -> tuple[LayerCase, ...]:
    """Declare a variance far below eps, and a mean far above the deviation."""
    return (
        LayerCase("tiny-variance", inputs={"x": _pattern(*shape, scale=2.0**-12)}),
        LayerCase("offset", inputs={"x": _pattern(*shape, scale=1.0, shift=1000.0)}),
    )


BATCH = ("", "eps=0.3", "momentum=0.7", "momentum=None", "affine=False", "bias=False")
UNTRACKED = ("track_running_stats=False", "affine=False, track_running_stats=False")
INSTANCE = (
    "",
    "eps=0.3",
    "affine=True",
    "affine=True, bias=False",
    "track_running_stats=True",
    "affine=True, track_running_stats=True, momentum=0.7",
    "track_running_stats=True, momentum=None",
)

NO_INSTANCES = (
    Difference(
        "no-instances-weighed",
        cases=(
            "affine-true",
            "affine-true-bias-false",
            "affine-true-track-running-stats-true-momentum-0-7",
        ),
        probes=("batch of none",),
        shows="torch raises",
        why="torch repeats the weight once for each sample and then takes the first, of none.",
        instead="Skip empty batches in torch; the NumPy layer returns an empty array.",
    ),
    Difference(
        "no-instances-tracked",
        cases=("track-running-stats-true", "track-running-stats-true-momentum-none"),
        probes=("batch of none",),
        shows="nan",
        why="torch's new running statistics are means over the samples, NaN when there is none.",
        instead="Skip empty batches in torch; in the NumPy layer they leave the statistics.",
    ),
)

GAPS_IN_VOLUMES = Difference(
    "gaps-in-volumes",
    cases=("volumes",),
    probes=("transposed",),
    shows="torch raises",
    why="torch views volumes as rows, which fails where they are not contiguous.",
    instead="Give torch x.contiguous(); the NumPy layer takes any layout.",
)

PAIRS: tuple[LayerPair, ...] = (
    LayerPair(
        "numpy_layers.BatchNorm1d",
        summary="Each channel with mean 0 and variance 1 over the batch, then weighed.",
        arguments="3",
        inputs={"x": real(8, 3)},
        grid=(*BATCH, *UNTRACKED),
        cases=(
            LayerCase("places", inputs={"x": real(4, 3, 5)}),
            LayerCase("long", inputs={"x": real(2, 3, 600)}),
            LayerCase("many", inputs={"x": real(1500, 3)}),
            *_extremes(9, 3, 4),
            LayerCase("not-finite", arguments="2", inputs={"x": values(NOT_FINITE)}),
        ),
        source="torch.nn.BatchNorm1d",
    ),
    LayerPair(
        "numpy_layers.BatchNorm2d",
        summary="Each channel of images with mean 0 and variance 1 over the batch, then weighed.",
        arguments="3",
        inputs={"x": real(4, 3, 5, 2)},
        grid=(*BATCH, *UNTRACKED),
        cases=(
            LayerCase("one-channel", arguments="1", inputs={"x": real(3, 1, 4, 4)}),
            LayerCase("one-place", inputs={"x": real(7, 3, 1, 1)}),
            *_extremes(4, 3, 2, 3),
        ),
        source="torch.nn.BatchNorm2d",
    ),
    LayerPair(
        "numpy_layers.BatchNorm3d",
        summary="Each channel of volumes with mean 0 and variance 1 over the batch, then weighed.",
        arguments="3",
        inputs={"x": real(3, 3, 2, 4, 3)},
        grid=(*BATCH, *UNTRACKED),
        cases=_extremes(3, 3, 2, 2, 2),
        source="torch.nn.BatchNorm3d",
    ),
    LayerPair(
        "numpy_layers.GroupNorm",
        summary="Each group of channels with mean 0 and variance 1 in each sample, then weighed.",
        arguments="2, 6",
        inputs={"x": real(4, 6, 3, 5)},
        grid=("", "eps=0.3", "affine=False", "bias=False"),
        cases=(
            LayerCase("one-group", arguments="1, 6"),
            LayerCase("every-channel", arguments="6, 6"),
            LayerCase("no-places", inputs={"x": real(5, 6)}),
            LayerCase("places", arguments="3, 6", inputs={"x": real(5, 6, 7)}),
            LayerCase("volumes", inputs={"x": real(2, 6, 3, 2, 2)}),
            LayerCase("long", inputs={"x": real(2, 6, 600)}),
            *_extremes(3, 6, 5),
            LayerCase("not-finite", arguments="1, 2", inputs={"x": values(NOT_FINITE)}),
        ),
        source="torch.nn.GroupNorm",
    ),
    LayerPair(
        "numpy_layers.InstanceNorm1d",
        summary="Each channel of each sample with mean 0 and variance 1 over its places.",
        arguments="3",
        inputs={"x": real(4, 3, 7)},
        grid=INSTANCE,
        cases=(
            LayerCase("no-batch", arguments="3, affine=True", inputs={"x": real(3, 7)}),
            LayerCase("long", inputs={"x": real(2, 3, 600)}),
            *_extremes(3, 3, 8),
            LayerCase("constant", arguments="3, eps=0.0", inputs={"x": values([[[2.0] * 4] * 3])}),
            LayerCase("not-finite", arguments="2", inputs={"x": values(NOT_FINITE)}),
        ),
        differences=NO_INSTANCES,
        source="torch.nn.InstanceNorm1d",
    ),
    LayerPair(
        "numpy_layers.InstanceNorm2d",
        summary="Each channel of each image with mean 0 and variance 1 over its places.",
        arguments="3",
        inputs={"x": real(4, 3, 5, 2)},
        grid=INSTANCE,
        cases=(
            LayerCase("no-batch", arguments="3, affine=True", inputs={"x": real(3, 4, 5)}),
            *_extremes(3, 3, 3, 3),
        ),
        differences=NO_INSTANCES,
        source="torch.nn.InstanceNorm2d",
    ),
    LayerPair(
        "numpy_layers.InstanceNorm3d",
        summary="Each channel of each volume with mean 0 and variance 1 over its places.",
        arguments="3",
        inputs={"x": real(4, 3, 2, 4, 3)},
        grid=INSTANCE,
        cases=(
            LayerCase("no-batch", arguments="3, affine=True", inputs={"x": real(3, 2, 3, 4)}),
            *_extremes(2, 3, 2, 2, 3),
        ),
        differences=NO_INSTANCES,
        source="torch.nn.InstanceNorm3d",
    ),
    LayerPair(
        "numpy_layers.LayerNorm",
        summary="Each slice over the last axes with mean 0 and variance 1, then weighed.",
        arguments="7",
        inputs={"x": real(4, 3, 7)},
        grid=("", "eps=0.3", "elementwise_affine=False", "bias=False"),
        cases=(
            LayerCase("two-axes", arguments="(3, 7)"),
            LayerCase("all-axes", arguments="(4, 3, 7)"),
            LayerCase("one-axis", inputs={"x": real(7)}),
            LayerCase("long", arguments="600", inputs={"x": real(5, 600)}),
            LayerCase("many", inputs={"x": real(1500, 7)}),
            *_extremes(4, 3, 7),
            LayerCase("not-finite", arguments="3", inputs={"x": values(NOT_FINITE)}),
        ),
        source="torch.nn.LayerNorm",
    ),
    LayerPair(
        "numpy_layers.LocalResponseNorm",
        summary="Each element over a power of its neighbours' mean square across channels.",
        arguments="3",
        inputs={"x": real(4, 7, 5)},
        grid=("", "alpha=0.7", "alpha=0.7, beta=2.0", "alpha=0.7, k=0.2", "beta=0.0"),
        cases=(
            *(LayerCase(f"size-{size}", arguments=f"{size}, 0.7") for size in (1, 2, 4, 5)),
            LayerCase("wider-than-channels", arguments="9, 0.7", inputs={"x": real(3, 4, 2)}),
            LayerCase("one-channel", arguments="2, 0.7", inputs={"x": real(3, 1, 2)}),
            LayerCase("images", arguments="4, 0.7", inputs={"x": real(2, 5, 3, 4)}),
            LayerCase("volumes", arguments="3, 0.7", inputs={"x": real(2, 5, 2, 3, 2)}),
            LayerCase("not-finite", arguments="2, 0.7", inputs={"x": values(NOT_FINITE)}),
        ),
        differences=(GAPS_IN_VOLUMES,),
        source="torch.nn.LocalResponseNorm",
    ),
    LayerPair(
        "numpy_layers.RMSNorm",
        summary="Each slice over the last axes with mean square 1, then weighed.",
        arguments="7",
        inputs={"x": real(4, 3, 7)},
        grid=("", "eps=0.3", "elementwise_affine=False"),
        cases=(
            LayerCase("two-axes", arguments="(3, 7)"),
            LayerCase("one-axis", inputs={"x": real(7)}),
            LayerCase("long", arguments="600", inputs={"x": real(5, 600)}),
            LayerCase("tiny", inputs={"x": _pattern(4, 3, 7, scale=2.0**-12)}),
            LayerCase("zeros", inputs={"x": values([[0.0] * 7] * 2)}),
            LayerCase("not-finite", arguments="3", inputs={"x": values(NOT_FINITE)}),
        ),
        source="torch.nn.RMSNorm",
    ),
)
