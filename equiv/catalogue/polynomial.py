"""Polynomials: their values and their fit."""

from equiv.entry import Case, Difference, Op, Trap, distinct, real, unit, values

OPS: tuple[Op, ...] = (
    Op(
        "numpy.polynomial.polynomial.polyval",
        summary="Values at x of the polynomial c[0] + c[1] * x + c[2] * x**2 + ...",
        inputs={"x": real(5), "c": real(3), "t": values(1.5), "C": real(3, 5)},
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
                inputs={"x": real(2, 5), "c": real(3)},
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
                inputs={"x": real(5), "c": real(3, 2)},
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
                cases=("plain",),
                probes=("int64",),
                shows="dtype",
                why="torch stays with integers; NumPy makes integer coefficients float64.",
                instead="x[..., None].to(torch.float64) ** torch.arange(len(c)) "
                "@ c.to(torch.float64)",
            ),
        ),
        source="numpy.polynomial.polynomial.polyval; torch.pow; torch.vander; torch.linalg.vander",
    ),
    Op(
        "numpy.polyfit",
        summary="Coefficients, in falling order of degree, of the polynomial nearest to points.",
        inputs={"x": distinct(6), "y": real(6), "w": unit(6)},
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
                cases=("plain",),
                probes=("int64",),
                shows="torch raises",
                why="torch solves for floats of one dtype; NumPy makes float64 of integers.",
                instead="torch.linalg.lstsq(torch.linalg.vander(x.double(), N=3), "
                "y.double()).solution.flip(0)",
            ),
        ),
        source="numpy.polyfit; torch.linalg.lstsq; torch.linalg.vander; torch.vander",
    ),
)
