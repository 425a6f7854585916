"""The pairs of the activations, in the order of torch.nn's manual.

torch's kernels have a vector loop and a scalar one for the elements left over, and the two part
on the gradient at NaN (ELU, SELU, CELU, Hardshrink, Softshrink, Hardtanh, ReLU6, Hardswish), on
the sign of Softshrink's zeros, and on GELU of +inf in float32. Where they part, no case asks:
what torch gives there hangs on the size of the array and on the processor.
"""

from equiv.entry import Difference, LayerCase, LayerPair, real, values

INF = float("inf")
NAN = float("nan")

SIGNED_ZEROS = values([[-1.0, -0.0, 0.0, 2.0]])
EXTREME = values([[-INF, -1e4, -200.0, -0.0], [0.0, 200.0, 1e4, INF]])
NOT_FINITE = values([[-INF, -1e4, -200.0, -0.0, NAN], [0.0, 200.0, 1e4, INF, NAN]])
SLICES = values(
    [[INF, 1.0, 2.0], [-INF, -INF, -INF], [NAN, 1.0, 2.0], [-INF, 1.0, 2.0], [0.5, 0.5, 0.5]]
)
"""Rows with infinities and NaN, and a row of ties."""

IN_FLOAT64 = ("float64", "second call", "transposed", "eval", "batch of one", "large")
"""The conditions whose inputs are float64 and not empty."""

ONE_D = LayerCase("one-axis", inputs={"x": real(7)})
NO_AXES = LayerCase("no-axes", inputs={"x": values(-1.5)})
FOUR_AXES = LayerCase("four-axes", inputs={"x": real(2, 3, 5, 4)})
MANY = LayerCase("many", inputs={"x": real(300, 301)})
"""More elements than are worked on at a time."""

PAIRS: tuple[LayerPair, ...] = (
    LayerPair(
        "numpy_layers.ELU",
        summary="x above 0, below it an exponential that saturates at -alpha.",
        inputs={"x": real(4, 3, 5)},
        grid=("", "alpha=0.7", "0.0", "-0.5"),
        cases=(
            NO_AXES,
            MANY,
            LayerCase("tiny", inputs={"x": values([[-1e-7, -3e-9, -2e-13, 1e-8]])}),
            LayerCase("kinks", arguments="0.7", inputs={"x": SIGNED_ZEROS}, kinks=True),
            LayerCase("extreme", inputs={"x": EXTREME}),
        ),
        source="torch.nn.ELU",
    ),
    LayerPair(
        "numpy_layers.Hardshrink",
        summary="x where its magnitude is above lambd, else 0.",
        inputs={"x": real(4, 3, 5)},
        grid=("", "lambd=0.8", "0.0", "-1.0"),
        cases=(
            NO_AXES,
            MANY,
            LayerCase("kinks", inputs={"x": values([[-1, -0.5, -0.0, 0, 0.5, 1]])}, kinks=True),
            LayerCase("extreme", inputs={"x": EXTREME}),
        ),
        source="torch.nn.Hardshrink",
    ),
    LayerPair(
        "numpy_layers.Hardsigmoid",
        summary="A line from 0 at -3 to 1 at 3.",
        inputs={"x": real(4, 3, 5)},
        grid=("",),
        cases=(
            NO_AXES,
            MANY,
            LayerCase("kinks", inputs={"x": values([[-4.0, -3.0, 3.0, 4.0]])}, kinks=True),
            LayerCase("not-finite", inputs={"x": values([[-INF, -1e4, 1e4, INF, NAN]])}),
        ),
        differences=(
            Difference(
                "sixth-in-float32",
                cases=("plain", "many", "no-axes"),
                probes=IN_FLOAT64,
                shows="gradient",
                why="torch's derivative in float64 is 1/6 rounded to float32, 0.16666667163, which "
                "is off by 3e-8 of it; NumPy's is 1/6.",
                instead="Take torch.clamp(x + 3, 0, 6) / 6 where a gradient in float64 matters.",
            ),
        ),
        source="torch.nn.Hardsigmoid",
    ),
    LayerPair(
        "numpy_layers.Hardtanh",
        summary="x clipped to an interval.",
        inputs={"x": real(4, 3, 5)},
        grid=("", "-0.3, 0.6", "min_val=0.0", "max_val=0.2, min_val=-3.0"),
        cases=(
            NO_AXES,
            MANY,
            LayerCase("kinks", inputs={"x": values([[-2, -1, -0.0, 0, 1, 2]])}, kinks=True),
            LayerCase("at-zero", arguments="0.0, 2.0", inputs={"x": SIGNED_ZEROS}, kinks=True),
            LayerCase("extreme", inputs={"x": EXTREME}),
        ),
        source="torch.nn.Hardtanh",
    ),
    LayerPair(
        "numpy_layers.Hardswish",
        summary="x times its hard sigmoid.",
        inputs={"x": real(4, 3, 5)},
        grid=("",),
        cases=(
            NO_AXES,
            MANY,
            LayerCase(
                "kinks", inputs={"x": values([[-4.0, -3.0, -0.0, 0.0, 3.0, 4.0]])}, kinks=True
            ),
            LayerCase("extreme", inputs={"x": EXTREME}),
        ),
        source="torch.nn.Hardswish",
    ),
    LayerPair(
        "numpy_layers.LeakyReLU",
        summary="x above 0, below it x times a slope.",
        inputs={"x": real(4, 3, 5)},
        grid=("", "negative_slope=0.3", "0.0", "1.5", "-0.2"),
        cases=(
            NO_AXES,
            MANY,
            LayerCase("kinks", arguments="0.3", inputs={"x": SIGNED_ZEROS}, kinks=True),
            LayerCase("downhill", arguments="-0.3", inputs={"x": SIGNED_ZEROS}, kinks=True),
            LayerCase("not-finite", inputs={"x": NOT_FINITE}),
        ),
        source="torch.nn.LeakyReLU",
    ),
    LayerPair(
        "numpy_layers.LogSigmoid",
        summary="The logarithm of the sigmoid.",
        inputs={"x": real(4, 3, 5)},
        grid=("",),
        cases=(
            NO_AXES,
            MANY,
            LayerCase("tail", inputs={"x": values([[15.0, 18.0, 25.0, 36.0]])}),
            LayerCase("not-finite", inputs={"x": NOT_FINITE}),
        ),
        source="torch.nn.LogSigmoid",
    ),
    LayerPair(
        "numpy_layers.PReLU",
        summary="x above 0, below it x times a learned slope, of all or of its channel.",
        inputs={"x": real(4, 3, 5)},
        grid=("", "init=-0.5", "3", "num_parameters=3, init=0.1"),
        cases=(
            NO_AXES,
            ONE_D,
            LayerCase("two-axes", arguments="5", inputs={"x": real(4, 5)}),
            LayerCase("four-axes", arguments="3", inputs={"x": real(2, 3, 5, 4)}),
            LayerCase("one-channel", arguments="1", inputs={"x": real(3, 1, 4)}),
            LayerCase("no-channels", arguments="0", inputs={"x": real(3, 0, 4)}),
            LayerCase("many", arguments="300", inputs={"x": real(5, 300, 61)}),
            LayerCase("kinks", inputs={"x": SIGNED_ZEROS}, kinks=True),
            LayerCase("not-finite", inputs={"x": NOT_FINITE}),
        ),
        source="torch.nn.PReLU",
    ),
    LayerPair(
        "numpy_layers.ReLU",
        summary="x above 0, else 0.",
        inputs={"x": real(4, 3, 5)},
        grid=("",),
        cases=(
            NO_AXES,
            ONE_D,
            FOUR_AXES,
            MANY,
            LayerCase("kinks", inputs={"x": SIGNED_ZEROS}, kinks=True),
            LayerCase("not-finite", inputs={"x": NOT_FINITE}),
        ),
        source="torch.nn.ReLU",
    ),
    LayerPair(
        "numpy_layers.ReLU6",
        summary="x clipped to the interval from 0 to 6.",
        inputs={"x": real(4, 3, 5)},
        grid=("",),
        cases=(
            NO_AXES,
            MANY,
            LayerCase("kinks", inputs={"x": values([[-1, -0.0, 0, 3, 6, 7]])}, kinks=True),
            LayerCase("extreme", inputs={"x": EXTREME}),
        ),
        source="torch.nn.ReLU6",
    ),
    LayerPair(
        "numpy_layers.RReLU",
        summary="x above 0, below it x times a slope drawn for it; the mean slope in evaluation.",
        inputs={"x": real(4, 3, 5)},
        grid=("", "0.25", "lower=-0.4, upper=0.6", "0.2, 0.2"),
        cases=(
            NO_AXES,
            MANY,
            LayerCase("kinks", inputs={"x": SIGNED_ZEROS}, kinks=True),
            LayerCase("extreme", inputs={"x": EXTREME}),
        ),
        source="torch.nn.RReLU",
    ),
    LayerPair(
        "numpy_layers.SELU",
        summary="A scaled ELU that keeps mean 0 and variance 1.",
        inputs={"x": real(4, 3, 5)},
        grid=("",),
        cases=(
            NO_AXES,
            MANY,
            LayerCase("kinks", inputs={"x": SIGNED_ZEROS}, kinks=True),
            LayerCase("extreme", inputs={"x": EXTREME}),
        ),
        source="torch.nn.SELU",
    ),
    LayerPair(
        "numpy_layers.CELU",
        summary="x above 0, below it an exponential of slope 1 at 0 that saturates at -alpha.",
        inputs={"x": real(4, 3, 5)},
        grid=("", "alpha=0.5", "2", "-2.0", "alpha=0.7"),
        cases=(
            NO_AXES,
            MANY,
            LayerCase("kinks", arguments="0.5", inputs={"x": SIGNED_ZEROS}, kinks=True),
            LayerCase("extreme", inputs={"x": EXTREME}),
        ),
        differences=(
            Difference(
                "alpha-in-float32",
                cases=("alpha-0-7",),
                probes=IN_FLOAT64,
                shows="gradient",
                why="torch's backward in float64 divides by alpha rounded to float32, off by "
                "2e-8 where alpha, as 0.7, is not a float32; NumPy's divides by alpha.",
                instead="Choose an alpha that float32 has, as 0.75, where float64 matters.",
            ),
        ),
        source="torch.nn.CELU",
    ),
    LayerPair(
        "numpy_layers.GELU",
        summary="x times the probability that a standard normal number is below it.",
        inputs={"x": real(4, 3, 5)},
        grid=("", "'tanh'", "approximate='none'"),
        cases=(
            NO_AXES,
            MANY,
            LayerCase("many-by-tanh", arguments="'tanh'", inputs={"x": real(300, 301)}),
            LayerCase("extreme", inputs={"x": values([[-INF, -1e4, -9.0, -0.0, 9.0, 1e4]])}),
            LayerCase("not-finite-by-tanh", arguments="'tanh'", inputs={"x": NOT_FINITE}),
        ),
        source="torch.nn.GELU",
    ),
    LayerPair(
        "numpy_layers.Sigmoid",
        summary="1 / (1 + exp(-x)).",
        inputs={"x": real(4, 3, 5)},
        grid=("",),
        cases=(
            NO_AXES,
            MANY,
            LayerCase("tail", inputs={"x": values([[-15.0, -18.0, -25.0, -36.0]])}),
            LayerCase("not-finite", inputs={"x": NOT_FINITE}),
        ),
        source="torch.nn.Sigmoid",
    ),
    LayerPair(
        "numpy_layers.SiLU",
        summary="x times its sigmoid.",
        inputs={"x": real(4, 3, 5)},
        grid=("",),
        cases=(
            NO_AXES,
            MANY,
            LayerCase("tail", inputs={"x": values([[-15.0, -18.0, -25.0, -36.0]])}),
            LayerCase("not-finite", inputs={"x": NOT_FINITE}),
        ),
        source="torch.nn.SiLU",
    ),
    LayerPair(
        "numpy_layers.Mish",
        summary="x times the tanh of its softplus.",
        inputs={"x": real(4, 3, 5)},
        grid=("",),
        cases=(
            NO_AXES,
            MANY,
            LayerCase("tail", inputs={"x": values([[-15.0, -18.0, -25.0, -36.0]])}),
            LayerCase("not-finite", inputs={"x": NOT_FINITE}),
        ),
        source="torch.nn.Mish",
    ),
    LayerPair(
        "numpy_layers.Softplus",
        summary="log(1 + exp(beta x)) / beta, or x past the threshold.",
        inputs={"x": real(4, 3, 5)},
        grid=("", "beta=2.0", "threshold=1.0", "0.3, 0.5", "-1.0, 0.7"),
        cases=(
            NO_AXES,
            MANY,
            LayerCase("tail", inputs={"x": values([[-15.0, -18.0, -25.0, -36.0]])}),
            LayerCase(
                "kinks", arguments="2.0, 1.0", inputs={"x": values([[-1, 0, 0.5, 2]])}, kinks=True
            ),
            LayerCase("not-finite", inputs={"x": NOT_FINITE}),
        ),
        source="torch.nn.Softplus",
    ),
    LayerPair(
        "numpy_layers.Softshrink",
        summary="x drawn towards 0 by lambd.",
        inputs={"x": real(8, 16)},
        batch_axis=None,
        grid=("", "lambd=1.1", "0.0"),
        cases=(
            LayerCase("large-alone", inputs={"x": values([[-3.0, -1.0, 0.75, 1e4, INF, -INF]])}),
            LayerCase("kinks", inputs={"x": values([[-1.0, 0.0, 0.5, 1.0]])}, kinks=True),
        ),
        source="torch.nn.Softshrink",
    ),
    LayerPair(
        "numpy_layers.Softsign",
        summary="x / (1 + |x|).",
        inputs={"x": real(4, 3, 5)},
        grid=("",),
        cases=(
            NO_AXES,
            MANY,
            LayerCase("kinks", inputs={"x": SIGNED_ZEROS}, kinks=True),
            LayerCase("not-finite", inputs={"x": NOT_FINITE}),
        ),
        source="torch.nn.Softsign",
    ),
    LayerPair(
        "numpy_layers.Tanh",
        summary="The hyperbolic tangent.",
        inputs={"x": real(4, 3, 5)},
        grid=("",),
        cases=(NO_AXES, MANY, LayerCase("not-finite", inputs={"x": NOT_FINITE})),
        source="torch.nn.Tanh",
    ),
    LayerPair(
        "numpy_layers.Tanhshrink",
        summary="x minus its hyperbolic tangent.",
        inputs={"x": real(4, 3, 5)},
        grid=("",),
        cases=(NO_AXES, MANY, LayerCase("not-finite", inputs={"x": NOT_FINITE})),
        source="torch.nn.Tanhshrink",
    ),
    LayerPair(
        "numpy_layers.Threshold",
        summary="x above a threshold, else a value.",
        arguments="0.1, 20.0",
        inputs={"x": real(4, 3, 5)},
        grid=("",),
        cases=(
            LayerCase("below", arguments="threshold=-0.5, value=-0.7"),
            LayerCase("kinks", arguments="0.0, -2.0", inputs={"x": SIGNED_ZEROS}, kinks=True),
            NO_AXES,
            MANY,
            LayerCase("not-finite", inputs={"x": NOT_FINITE}),
        ),
        source="torch.nn.Threshold",
    ),
    LayerPair(
        "numpy_layers.GLU",
        summary="The first half along an axis times the sigmoid of the second.",
        inputs={"x": real(4, 2, 6)},
        grid=("", "1", "dim=-2", "0"),
        cases=(
            LayerCase("one-axis", inputs={"x": real(6)}),
            LayerCase("channels", arguments="1", inputs={"x": real(2, 6, 3, 5)}),
            LayerCase("empty-halves", inputs={"x": real(3, 0)}),
            LayerCase("many", inputs={"x": real(300, 302)}),
            LayerCase(
                "not-finite", inputs={"x": values([[INF, -INF, NAN, 1.0, 1.0, 2.0, 3.0, INF]])}
            ),
        ),
        source="torch.nn.GLU",
    ),
    LayerPair(
        "numpy_layers.Softmin",
        summary="Probabilities along an axis, the smallest the likeliest.",
        inputs={"x": real(4, 3, 5)},
        grid=("", "0", "dim=1", "-1"),
        cases=(
            ONE_D,
            LayerCase("two-axes", inputs={"x": real(4, 5)}),
            LayerCase("many", arguments="1", inputs={"x": real(300, 301)}),
            LayerCase("not-finite", arguments="1", inputs={"x": SLICES}),
        ),
        source="torch.nn.Softmin",
    ),
    LayerPair(
        "numpy_layers.Softmax",
        summary="Probabilities along an axis.",
        inputs={"x": real(4, 3, 5)},
        grid=("", "0", "dim=1", "-1"),
        cases=(
            NO_AXES,
            ONE_D,
            LayerCase("no-axes-axis-0", arguments="0", inputs={"x": values(-1.5)}),
            LayerCase("two-axes", inputs={"x": real(4, 5)}),
            LayerCase("square", arguments="1", inputs={"x": real(4, 4)}),
            LayerCase("four-axes", inputs={"x": real(2, 3, 5, 4)}),
            LayerCase("five-axes", inputs={"x": real(2, 3, 2, 2, 3)}),
            LayerCase("one-class", arguments="1", inputs={"x": real(4, 1)}),
            LayerCase("no-classes", arguments="1", inputs={"x": real(4, 0)}),
            LayerCase("many", arguments="1", inputs={"x": real(300, 301)}),
            LayerCase("many-across", arguments="0", inputs={"x": real(300, 301)}),
            LayerCase("many-between", arguments="1", inputs={"x": real(30, 200, 15)}),
            LayerCase("not-finite", arguments="1", inputs={"x": SLICES}),
        ),
        source="torch.nn.Softmax",
    ),
    LayerPair(
        "numpy_layers.Softmax2d",
        summary="Probabilities over the channels of every pixel.",
        inputs={"x": real(2, 3, 5, 4)},
        grid=("",),
        cases=(
            LayerCase("no-batch", inputs={"x": real(3, 5, 4)}),
            LayerCase("many", inputs={"x": real(3, 10, 50, 61)}),
        ),
        source="torch.nn.Softmax2d",
    ),
    LayerPair(
        "numpy_layers.LogSoftmax",
        summary="Logarithms of probabilities along an axis.",
        inputs={"x": real(4, 3, 5)},
        grid=("", "0", "dim=1", "-1"),
        cases=(
            NO_AXES,
            ONE_D,
            LayerCase("two-axes", inputs={"x": real(4, 5)}),
            LayerCase("four-axes", inputs={"x": real(2, 3, 5, 4)}),
            LayerCase("one-class", arguments="1", inputs={"x": real(4, 1)}),
            LayerCase("many", arguments="1", inputs={"x": real(300, 301)}),
            LayerCase("many-between", arguments="1", inputs={"x": real(30, 200, 15)}),
            LayerCase("not-finite", arguments="1", inputs={"x": SLICES}),
        ),
        source="torch.nn.LogSoftmax",
    ),
)
