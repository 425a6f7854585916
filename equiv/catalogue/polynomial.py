"""Polynomials: their values and their fit."""

from equiv.entry import (
    SIGNED,
    Case,
    Difference,
    Op,
    Trap,
    distinct,
    positive,
    real,
    unit,
    values,
)

OPS: tuple[Op, ...] = (
    Op(
        "numpy.polynomial.polynomial.polyval",
        summary="Values at x of the polynomial c[0] + c[1] * x + c[2] * x**2 + ...",
        inputs={"x": real(5), "c": positive(3), "t": values(2.0), "C": positive(3, 5)},
        cases=(
            Case(
                "plain",
                numpy="np.polynomial.polynomial.polyval(x, c)",
                torch="x[..., None] ** torch.arange(len(c)) @ c",
                trap=Trap(
                    "torch.vander(x, N=len(c)) @ c",
                    shows="value",
                    why="The powers of torch.vander fall, as the coefficients of np.polyval do; "
                    "here the coefficients rise, as the powers of torch.linalg.vander do.",
                ),
            ),
            Case(
                "matrix",
                numpy="np.polynomial.polynomial.polyval(x, c)",
                torch="x[..., None] ** torch.arange(len(c)) @ c",
                inputs={"x": real(2, 5), "c": positive(3)},
                trap=Trap(
                    "torch.vander(x, N=len(c)) @ c",
                    shows="torch raises",
                    why="torch.vander takes a vector only.",
                ),
            ),
            Case(
                "scalar",
                numpy="np.polynomial.polynomial.polyval(t, c)",
                torch="t[..., None] ** torch.arange(len(c)) @ c",
                trap=Trap(
                    "torch.linalg.vander(t, N=len(c)) @ c",
                    shows="shape",
                    why="torch.linalg.vander gives a scalar an axis of length one.",
                ),
            ),
            Case(
                "several-polynomials",
                numpy="np.polynomial.polynomial.polyval(x, c)",
                torch="(x[..., None] ** torch.arange(len(c)) @ c).T",
                inputs={"x": real(5), "c": positive(3, 2)},
                trap=Trap(
                    "x[..., None] ** torch.arange(len(c)) @ c",
                    shows="shape",
                    why="NumPy puts the axis of the polynomials, the columns of c, before the "
                    "axes of x.",
                ),
            ),
            Case(
                "tensor-false",
                numpy="np.polynomial.polynomial.polyval(x, C, tensor=False)",
                torch="(x ** torch.arange(len(C))[:, None] * C).sum(dim=0)",
            ),
        ),
        parameters={
            "x": "x[..., None] ** torch.arange(len(c)) @ c",
            "c": "x[..., None] ** torch.arange(len(c)) @ c",
            "tensor": "(x ** torch.arange(len(C))[:, None] * C).sum(dim=0)",
        },
        differences=(
            Difference(
                "integers",
                cases=("plain", "matrix", "several-polynomials", "tensor-false"),
                probes=("int64", "int32 with int64", "bool with int64"),
                shows="dtype",
                why="torch stays with integers; NumPy makes integer coefficients float64.",
                instead="Cast both first: x.double() and c.double().",
            ),
            Difference(
                "small-integers",
                cases=("plain", "matrix", "several-polynomials"),
                probes=("int8", "int16", "int32", "uint8", "uint8 with int8"),
                shows="torch raises",
                why="NumPy makes integer coefficients float64; torch's powers are int64, and "
                "its product takes operands of one dtype only.",
                instead="Cast both first: x.double() and c.double().",
            ),
            Difference(
                "small-integers-summed",
                cases=("tensor-false",),
                probes=("int8", "int16", "int32", "uint8", "uint8 with int8"),
                shows="dtype",
                why="NumPy makes integer coefficients float64; torch's powers and their sum "
                "are int64.",
                instead="(x.double() ** torch.arange(len(C))[:, None] * C).sum(dim=0)",
            ),
            Difference(
                "powers-wrap",
                cases=("tensor-false",),
                probes=("int64 extremes",),
                shows="value",
                why="torch raises an integer x to its powers in int64, where large ones wrap; "
                "NumPy multiplies x by float coefficients, in float64.",
                instead="(x.double() ** torch.arange(len(C))[:, None] * C).sum(dim=0)",
            ),
            Difference(
                "infinite",
                cases=("plain", "matrix", "several-polynomials", "tensor-false"),
                probes=("inf",),
                shows="nan",
                why="NumPy starts from c[-1] + x * 0, which is NaN where x is infinite; torch "
                "adds up powers, which are infinite there.",
                instead="(x[..., None] ** torch.arange(len(c)) @ c) + x * 0",
            ),
            Difference(
                "no-coefficients",
                cases=("plain", "matrix", "scalar", "several-polynomials"),
                probes=("empty",),
                shows="numpy raises",
                why="NumPy starts from the last coefficient and raises where there is none; "
                "torch's empty sum is 0.0.",
                instead="Check that len(c) > 0 first.",
            ),
        ),
        source="numpy.polynomial.polynomial.polyval; torch.pow; torch.vander; torch.linalg.vander",
    ),
    Op(
        "numpy.polyfit",
        summary="Coefficients, in falling order of degree, of the polynomial nearest to points.",
        inputs={"x": distinct(6), "y": real(6)},
        cases=(
            Case(
                "plain",
                numpy="np.polyfit(x, y, 2)",
                torch="torch.linalg.lstsq(torch.linalg.vander(x, N=3), y).solution.flip(0)",
                trap=Trap(
                    "torch.linalg.lstsq(torch.linalg.vander(x, N=3), y).solution",
                    shows="value",
                    why=(
                        "The powers of torch.linalg.vander rise, and the coefficients with "
                        "them; np.polyfit's fall."
                    ),
                ),
            ),
            Case(
                "columns",
                numpy="np.polyfit(x, y, 1)",
                torch="torch.linalg.lstsq(torch.linalg.vander(x, N=2), y).solution.flip(0)",
                inputs={"x": distinct(6), "y": real(6, 2)},
                trap=Trap(
                    "torch.linalg.lstsq(torch.vander(x, N=2), y).solution",
                    shows="gradient",
                    why=(
                        "The powers of torch.vander fall, but it is written in place: "
                        "backward raises."
                    ),
                ),
            ),
            Case(
                "weights",
                numpy="np.polyfit(x, y, 1, w=w)",
                torch=(
                    "torch.linalg.lstsq(w[:, None] * torch.linalg.vander(x, N=2), w * "
                    "y).solution.flip(0)"
                ),
                inputs={"x": distinct(9), "y": positive(9), "w": unit(9)},
                trap=Trap(
                    (
                        "v = w.sqrt(); torch.linalg.lstsq(v[:, None] * "
                        "torch.linalg.vander(x, N=2), v * y).solution.flip(0)"
                    ),
                    shows="value",
                    why="NumPy's weights multiply the residuals, not their squares.",
                ),
            ),
        ),
        parameters={
            "x": "torch.linalg.lstsq(torch.linalg.vander(x, N=deg + 1), y).solution.flip(0)",
            "y": "B",
            "deg": "N",
            "rcond": "rcond",
            "full": None,
            "w": "torch.linalg.lstsq(w[:, None] * torch.linalg.vander(x, N=deg + 1), w * y)",
            "cov": None,
        },
        differences=(
            Difference(
                "integers",
                cases=("plain", "columns"),
                probes=(*SIGNED, "uint8", "uint16"),
                shows="torch raises",
                why="torch solves for floats of one dtype; NumPy makes float64 of integers.",
                instead="torch.linalg.lstsq(torch.linalg.vander(x.double(), N=3), "
                "y.double()).solution.flip(0)",
            ),
            Difference(
                "wide-integers",
                cases=("plain", "columns"),
                probes=("uint32", "uint64"),
                shows="torch raises",
                why="torch solves for floats of one dtype. Cast to them, the powers of so "
                "large an x can be so far apart that it counts the small ones as zero; "
                "NumPy scales each to length one.",
                instead="Divide each column of torch.linalg.vander(x.double(), N=3) by its "
                "norm; the points are so close together that six digits agree, and no more.",
            ),
            Difference(
                "single-precision",
                probes=("float32", "complex64"),
                shows="dtype",
                why="NumPy promotes the powers with int64, to float64 or complex128, and "
                "solves in that; torch keeps the width of x.",
                instead="x.to(torch.float64), or to torch.complex128, and y and w likewise, first.",
            ),
            Difference(
                "no-points",
                probes=("empty",),
                shows="numpy raises",
                why="NumPy refuses to fit no points; torch's least squares gives zeros.",
                instead="Check that len(x) > 0 first.",
            ),
            Difference(
                "too-few-points",
                probes=("length one",),
                shows=("value", "gradient"),
                why="Of the many fits to too few points NumPy takes the smallest after it has "
                "scaled the columns of powers to length one; torch takes the smallest as "
                "they are.",
                instead="v = torch.linalg.vander(x, N=3); s = v.norm(dim=0); "
                "(torch.linalg.lstsq(v / s, y).solution.T / s).T.flip(0)",
            ),
            Difference(
                "wrapped",
                cases=("weights",),
                probes=("uint64",),
                shows="value",
                why="torch.linalg.vander makes int64 of uint64, where x past 2**63 turns "
                "negative; NumPy makes float64 of it, and scales the powers, as far apart "
                "as they are, to length one.",
                instead="v = w[:, None] * torch.linalg.vander(x.double(), N=2); s = "
                "v.norm(dim=0); (torch.linalg.lstsq(v / s, w * y.double()).solution / "
                "s).flip(0)",
            ),
            Difference(
                "nan",
                cases=("plain", "columns"),
                probes=("nan", "all nan"),
                shows="torch raises",
                why="torch's least squares fails inside LAPACK where y holds NaN; in NumPy "
                "the coefficients of such a y are NaN.",
                instead="Check y.isnan().any() first, and fit only the columns without NaN.",
            ),
        ),
        source="numpy.polyfit; torch.linalg.lstsq; torch.linalg.vander; torch.vander",
    ),
)
