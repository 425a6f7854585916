"""Functional programming: Python functions applied to slices, elements and pieces."""

from equiv.entry import EXTREMES, Case, Difference, Op, Trap, integers, real, values

OPS: tuple[Op, ...] = (
    Op(
        "numpy.apply_along_axis",
        summary="A function of vectors applied to each slice along an axis.",
        inputs={"x": real(3, 4)},
        cases=(
            Case(
                "plain",
                numpy="np.apply_along_axis(lambda r: r.max() - r.min(), 1, x)",
                torch="torch.vmap(lambda r: r.max() - r.min())(x)",
                trap=Trap(
                    "torch.vmap(lambda r: r.max() - r.min(), in_dims=1)(x)",
                    shows="shape",
                    why=(
                        "NumPy names the axis that the function sees, vmap the one that it does "
                        "not see."
                    ),
                ),
            ),
            Case(
                "vectors",
                numpy="np.apply_along_axis(lambda r: r[1:] - r[:-1], 0, x)",
                torch="torch.vmap(lambda r: r[1:] - r[:-1], in_dims=1, out_dims=1)(x)",
                trap=Trap(
                    "torch.vmap(lambda r: r[1:] - r[:-1], in_dims=1)(x)",
                    shows="shape",
                    why=(
                        "NumPy puts the results where the axis was; vmap stacks them along dim 0 "
                        "unless out_dims says otherwise."
                    ),
                ),
            ),
            Case(
                "branch",
                numpy="np.apply_along_axis(lambda r: r.max() if r[0] > 0 else r.min(), 1, x)",
                torch="torch.stack([r.max() if r[0] > 0 else r.min() for r in x])",
                trap=Trap(
                    "torch.vmap(lambda r: r.max() if r[0] > 0 else r.min())(x)",
                    shows="torch raises",
                    why="vmap runs the function once for all slices, so it cannot branch on one.",
                ),
            ),
            Case(
                "higher-rank",
                numpy="np.apply_along_axis(lambda r: r.max() - r.min(), 2, x)",
                torch="torch.vmap(torch.vmap(lambda r: r.max() - r.min()))(x)",
                inputs={"x": real(2, 3, 4)},
                trap=Trap(
                    "torch.vmap(lambda r: r.max() - r.min())(x)",
                    shows="shape",
                    why="One vmap takes away one dim: the function is handed matrices.",
                ),
            ),
        ),
        parameters={
            "func1d": "func",
            "axis": "in_dims",
            "arr": "torch.vmap(func1d)(arr)",
            "args": "torch.vmap(lambda r: func1d(r, *args))",
            "kwargs": "torch.vmap(func1d)(arr, **kwargs)",
        },
        differences=(
            Difference(
                "no-slices",
                cases=("plain", "higher-rank"),
                probes=("empty",),
                shows="numpy raises",
                why="NumPy learns the shape of the result from the first slice, and raises where"
                " there is none; vmap traces the function without one.",
                instead="Check x.numel() > 0 first.",
            ),
            Difference(
                "no-columns",
                cases=("vectors",),
                probes=("empty across",),
                shows="numpy raises",
                why="NumPy learns the shape of the result from the first slice, and raises where"
                " there is none; vmap traces the function without one.",
                instead="Check x.numel() > 0 first.",
            ),
        ),
        source="numpy.apply_along_axis; torch.vmap; torch.stack",
    ),
    Op(
        "numpy.vectorize",
        summary="A function of numbers made into one of arrays, which broadcast.",
        inputs={"x": real(3, 4)},
        cases=(
            Case(
                "plain",
                numpy="np.vectorize(lambda v: 2.0 * v if v > 0 else 0.1 * v)(x)",
                torch="torch.where(x > 0, 2.0 * x, 0.1 * x)",
                trap=Trap(
                    "torch.vmap(torch.vmap(lambda v: 2.0 * v if v > 0 else 0.1 * v))(x)",
                    shows="torch raises",
                    why=(
                        "vmap runs the function once for all elements, so it cannot branch on one; "
                        "torch.where chooses for each."
                    ),
                ),
            ),
            Case(
                "broadcast",
                numpy="np.vectorize(lambda a, b: a + b)(x, y)",
                torch="x + y",
                inputs={"x": real(3, 1), "y": real(4)},
                trap=Trap(
                    "torch.vmap(lambda a, b: a + b)(x, y)",
                    shows="torch raises",
                    why="vmap maps over dims of equal size and broadcasts nothing.",
                ),
            ),
            Case(
                "signature",
                numpy="np.vectorize(lambda r: r.max() - r.min(), signature='(n)->()')(x)",
                torch="torch.vmap(lambda r: r.max() - r.min())(x)",
            ),
            Case(
                "dtype-of-the-first",
                numpy="np.vectorize(lambda v: v if v > 0 else 0)(x)",
                torch="torch.where(x > 0, x, 0.0).long()",
                inputs={"x": values([-1.5, 2.75, 0.25])},
                trap=Trap(
                    "torch.where(x > 0, x, 0.0)",
                    shows="dtype",
                    why=(
                        "Without otypes NumPy takes the dtype from the first result, here the "
                        "integer 0, and cuts the fractions off all others."
                    ),
                ),
            ),
        ),
        parameters={
            "pyfunc": "func",
            "otypes": "torch.vmap(pyfunc)(x).to(dtype)",
            "doc": None,
            "excluded": "in_dims",
            "cache": None,
            "signature": "torch.vmap(pyfunc)(x)",
        },
        differences=(
            Difference(
                "no-elements",
                cases=("plain", "broadcast", "signature"),
                probes=("empty",),
                shows="numpy raises",
                why="NumPy learns the dtype of the result from the first call, and raises where"
                " there is none to make and no otypes are given.",
                instead="Check x.numel() > 0 first.",
            ),
            Difference(
                "no-columns",
                cases=("plain",),
                probes=("empty across",),
                shows="numpy raises",
                why="NumPy learns the dtype of the result from the first call, and raises where"
                " there is none to make and no otypes are given.",
                instead="Check x.numel() > 0 first.",
            ),
            Difference(
                "overflow",
                cases=("broadcast",),
                probes=("uint8", *EXTREMES),
                shows="numpy raises",
                why="The function is given Python integers, which do not wrap, and NumPy refuses a"
                " result that the dtype of the first one cannot hold; torch wraps.",
                instead="s = x + y; check ((x ^ s) & (y ^ s) < 0).any(), for uint8 (s < x).any().",
            ),
            Difference(
                "python-float",
                cases=("broadcast",),
                probes=("float32 with 0.1",),
                shows="dtype",
                why="np.vectorize makes a float64 array of a Python float, which widens float32;"
                " in torch it does not.",
                instead="x.double() + y",
            ),
            Difference(
                "python-integer",
                cases=("broadcast",),
                probes=("uint8 with -1",),
                shows="dtype",
                why="np.vectorize makes an int64 array of a Python integer, which widens uint8; in"
                " torch it does not.",
                instead="x.long() + y",
            ),
            Difference(
                "python-integer-outside-dtype",
                cases=("broadcast",),
                probes=("uint8 with 300",),
                shows=("dtype", "value"),
                why="np.vectorize makes an int64 array of a Python integer, which widens uint8; in"
                " torch it does not, and the sum wraps.",
                instead="x.long() + y",
            ),
        ),
        source="numpy.vectorize; torch.where; torch.vmap",
    ),
    Op(
        "numpy.piecewise",
        summary="A function for each of several conditions.",
        inputs={"x": real(3, 4)},
        cases=(
            Case(
                "plain",
                numpy="np.piecewise(x, [x < 0, x >= 0], [lambda v: -v, lambda v: 2 * v])",
                torch="torch.where(x < 0, -x, torch.where(x >= 0, 2 * x, 0))",
                trap=Trap(
                    "torch.where(x < 0, -x, 2 * x)",
                    shows="nan",
                    under="nan",
                    why="NaN meets no condition, and NumPy gives 0 where none holds.",
                ),
            ),
            Case(
                "otherwise",
                numpy="np.piecewise(x, [x < 0], [lambda v: -v, lambda v: 2 * v])",
                torch="torch.where(x < 0, -x, 2 * x)",
            ),
            Case(
                "domain",
                numpy="np.piecewise(x, [x > 0], [np.sqrt])",
                torch="torch.where(x > 0, torch.sqrt(torch.where(x > 0, x, 1)), 0).to(x.dtype)",
                trap=Trap(
                    "torch.where(x > 0, torch.sqrt(x), 0).to(x.dtype)",
                    shows="gradient",
                    why=(
                        "NumPy calls each function on its own elements only; torch.where computes "
                        "both sides everywhere, and autograd makes NaN of the root's derivative."
                    ),
                ),
            ),
            Case(
                "overlap",
                numpy="np.piecewise(x, [x > -0.5, x > 0.5], [1.0, 2.0])",
                torch="torch.where(x > 0.5, 2.0, torch.where(x > -0.5, 1.0, 0.0)).to(x.dtype)",
                no_gradient="The result is a step function of x.",
                trap=Trap(
                    "torch.where(x > -0.5, 1.0, torch.where(x > 0.5, 2.0, 0.0)).to(x.dtype)",
                    shows="value",
                    why="Where conditions overlap, the last one holds in NumPy, not the first.",
                ),
            ),
            Case(
                "integers",
                numpy="np.piecewise(n, [n < 0, n >= 0], [-0.5, 2.5])",
                torch="torch.where(n < 0, -0.5, 2.5).to(n.dtype)",
                inputs={"n": integers(-4, 5, (3, 4))},
                trap=Trap(
                    "torch.where(n < 0, -0.5, 2.5)",
                    shows="dtype",
                    why=(
                        "NumPy casts to the dtype of the input, and cuts the fractions off; torch "
                        "makes numbers float32, whatever the input."
                    ),
                ),
            ),
        ),
        parameters={
            "x": "input",
            "condlist": "condition",
            "funclist": "torch.where(condition, f(x), g(x))",
            "args": "f(x, *args)",
            "kw": "f(x, **kw)",
        },
        differences=(
            Difference(
                "roots-of-large-integers",
                cases=("domain",),
                probes=("int64 extremes",),
                shows="value",
                why="torch takes the root of an integer in float32, which has 24 bits of it; NumPy"
                " takes it in float64 before the cast back.",
                instead="torch.sqrt(x.clamp(min=0).double()).to(x.dtype)",
            ),
        ),
        source="numpy.piecewise; torch.where",
    ),
)
