"""Logic: comparisons, tests of each element, and choice by condition."""

from math import inf, nan

from equiv.entry import Case, Difference, Op, Trap, boolean, integers, real, values

OPS: tuple[Op, ...] = (
    Op(
        "numpy.isnan",
        summary="Whether each element is NaN.",
        inputs={"x": values([[1.0, nan, inf], [nan, 0.0, -inf]])},
        cases=(
            Case("plain", numpy="np.isnan(x)", torch="torch.isnan(x)"),
            Case("any", numpy="np.isnan(x).any(axis=0)", torch="torch.isnan(x).any(dim=0)"),
            Case(
                "replace",
                numpy="x[np.isnan(x)] = 0; x",
                torch="x[torch.isnan(x)] = 0; x",
                inputs={"x": values([1.0, nan, -2.0])},
            ),
            Case(
                "complex",
                numpy="np.isnan(z)",
                torch="torch.isnan(z)",
                inputs={"z": values([[1, nan], [nan, 0]], dtype="complex128")},
            ),
            Case(
                "integers",
                numpy="np.isnan(n)",
                torch="torch.isnan(n)",
                inputs={"n": integers(-3, 4, (3, 4))},
            ),
        ),
        parameters={
            "x": "input",
            "out": None,
            "where": "torch.where(where, torch.isnan(x), out)",
            "casting": None,
            "order": None,
            "dtype": None,
            "subok": None,
            "signature": None,
        },
        source="numpy.isnan; torch.isnan",
    ),
    Op(
        "numpy.logical_and",
        summary="Elementwise truth of both.",
        inputs={
            "m": boolean(3, 4),
            "k": boolean(3, 4),
            "x": real(3, 4),
            "a": values([1, 2, 0], dtype="int64"),
            "b": values([2, 3, 4], dtype="int64"),
        },
        cases=(
            Case(
                "plain",
                numpy="np.logical_and(m, k)",
                torch="torch.logical_and(m, k)",
                trap=Trap(
                    "m and k",
                    shows="torch raises",
                    why=(
                        "Python's and asks for the truth of a whole tensor, which torch "
                        "refuses, as NumPy does."
                    ),
                ),
            ),
            Case(
                "range",
                numpy="np.logical_and(x > -1, x < 1)",
                torch="torch.logical_and(x > -1, x < 1)",
                trap=Trap(
                    "x > -1 & x < 1",
                    shows="torch raises",
                    why=(
                        "& binds tighter than <, so this chains comparisons around -1 & x: "
                        "give each its parentheses."
                    ),
                ),
            ),
            Case(
                "integers",
                numpy="np.logical_and(a, b)",
                torch="torch.logical_and(a, b)",
                trap=Trap(
                    "a & b",
                    shows="dtype",
                    why="& works bit by bit, where 1 & 2 is 0; each number but zero is true.",
                ),
            ),
            Case(
                "scalar",
                numpy="np.logical_and(m, True)",
                torch="torch.logical_and(m, torch.tensor(True))",
                trap=Trap(
                    "torch.logical_and(m, True)",
                    shows="torch raises",
                    why="torch takes tensors only; NumPy takes a number on either side.",
                ),
            ),
        ),
        parameters={
            "x1": "input",
            "x2": "other",
            "out": "out",
            "where": "torch.where(where, torch.logical_and(x1, x2), out)",
            "casting": None,
            "order": None,
            "dtype": None,
            "subok": None,
            "signature": None,
        },
        differences=(
            Difference(
                "number-outside-dtype",
                cases=("range",),
                probes=("uint8 extremes",),
                shows="value",
                why="torch casts the number to the tensor's dtype, where -1 is 255 and no x is "
                "above it; NumPy compares it as it is.",
                instead="torch.logical_and(x.long() > -1, x.long() < 1)",
            ),
        ),
        source="numpy.logical_and; torch.logical_and",
    ),
    Op(
        "numpy.allclose",
        summary="Whether two arrays are equal within a tolerance.",
        inputs={
            "a": values([1.0, -2.0, 3.0]),
            "b": values([1.0, -2.0, 3.00001]),
            "c": values([1.0, -2.0, 3.0], dtype="float32"),
        },
        cases=(
            Case("plain", numpy="np.allclose(a, b)", torch="torch.allclose(a, b)"),
            Case(
                "tolerance",
                numpy="np.allclose(a, b, rtol=0, atol=1e-6)",
                torch="torch.allclose(a, b, rtol=0, atol=1e-6)",
            ),
            Case(
                "scalar",
                numpy="np.allclose(a, 1.0)",
                torch="torch.allclose(a, torch.tensor(1.0, dtype=a.dtype))",
                inputs={"a": values([1.0, 1.0000001])},
                trap=Trap(
                    "torch.allclose(a, 1.0)",
                    shows="torch raises",
                    why="torch compares tensors only; NumPy takes a number on either side.",
                ),
            ),
            Case(
                "mixed-dtypes",
                numpy="np.allclose(a, c)",
                torch="torch.allclose(a, c.to(a.dtype))",
                trap=Trap(
                    "torch.allclose(a, c)",
                    shows="torch raises",
                    why="torch refuses two dtypes; NumPy compares in the wider one.",
                ),
            ),
            Case(
                "equal-nan",
                numpy="np.allclose(a, b, equal_nan=True)",
                torch="torch.allclose(a, b, equal_nan=True)",
                inputs={"a": values([1.0, nan]), "b": values([1.0, nan])},
            ),
        ),
        parameters={
            "a": "input",
            "b": "other",
            "rtol": "rtol",
            "atol": "atol",
            "equal_nan": "equal_nan",
        },
        source="numpy.allclose; torch.allclose",
    ),
    Op(
        "numpy.isclose",
        summary="Whether each pair of elements is equal within a tolerance.",
        inputs={
            "a": values([1.0, -2.0, 3.0]),
            "b": values([1.0, -2.0, 3.1]),
            "c": values([1.0, -2.0, 3.1], dtype="float32"),
        },
        cases=(
            Case(
                "plain",
                numpy="np.isclose(a, b)",
                torch="torch.isclose(a, b)",
                trap=Trap(
                    "torch.allclose(a, b)",
                    shows="structure",
                    why="torch.allclose is np.allclose: one bool for the whole tensors.",
                ),
            ),
            Case(
                "scalar",
                numpy="np.isclose(a, 1.0)",
                torch="torch.isclose(a, torch.tensor(1.0, dtype=a.dtype))",
                trap=Trap(
                    "torch.isclose(a, 1.0)",
                    shows="torch raises",
                    why="torch compares tensors only; NumPy takes a number on either side.",
                ),
            ),
            Case(
                "mixed-dtypes",
                numpy="np.isclose(a, c)",
                torch="torch.isclose(a, c.to(a.dtype))",
                trap=Trap(
                    "torch.isclose(a, c)",
                    shows="torch raises",
                    why="torch refuses two dtypes; NumPy compares in the wider one.",
                ),
            ),
            Case(
                "integers",
                numpy="np.isclose(a, b)",
                torch="torch.isclose(a.double(), b.double())",
                inputs={
                    "a": values([1000000000, 7], dtype="int64"),
                    "b": values([1000010010, 7], dtype="int64"),
                },
                trap=Trap(
                    "torch.isclose(a, b)",
                    shows="value",
                    why=(
                        "torch works out the tolerance of integers in float32; NumPy does "
                        "it in float64, where 10010 is more than 1e-5 of 10**9."
                    ),
                ),
            ),
        ),
        parameters={
            "a": "input",
            "b": "other",
            "rtol": "rtol",
            "atol": "atol",
            "equal_nan": "equal_nan",
        },
        source="numpy.isclose; torch.isclose; torch.allclose",
    ),
    Op(
        "numpy.array_equal",
        summary="Whether two arrays have the same shape and the same elements.",
        inputs={"a": values([1.0, -2.0, 3.0]), "b": values([1.0, -2.0, 3.0])},
        cases=(
            Case(
                "plain",
                numpy="np.array_equal(a, b)",
                torch="torch.equal(a, b)",
                trap=Trap(
                    "torch.eq(a, b)",
                    shows="structure",
                    why="torch.eq is np.equal: one boolean for each pair of elements.",
                ),
            ),
            Case(
                "shapes",
                numpy="np.array_equal(a, b)",
                torch="torch.equal(a, b)",
                inputs={"a": values([[1.0, 2.0], [1.0, 2.0]]), "b": values([1.0, 2.0])},
                trap=Trap(
                    "bool((a == b).all())",
                    shows="value",
                    why=(
                        "== broadcasts, so a row equals a matrix of such rows; arrays of "
                        "two shapes are not equal."
                    ),
                ),
            ),
            Case(
                "equal-nan",
                numpy="np.array_equal(a, b, equal_nan=True)",
                torch=(
                    "a.shape == b.shape and torch.allclose(a, b, rtol=0, atol=0, equal_nan=True)"
                ),
                inputs={"a": values([1.0, nan, inf]), "b": values([1.0, nan, inf])},
                trap=Trap(
                    "torch.equal(a, b)",
                    shows="value",
                    why="No NaN equals another in torch.equal, and it has no equal_nan.",
                ),
            ),
        ),
        parameters={
            "a1": "input",
            "a2": "other",
            "equal_nan": "torch.allclose(a1, a2, rtol=0, atol=0, equal_nan=True)",
        },
        source="numpy.array_equal; torch.equal; torch.allclose",
    ),
    Op(
        "numpy.equal",
        summary="Elementwise ==.",
        inputs={"a": integers(0, 3, (3, 4)), "b": integers(0, 3, (3, 4))},
        cases=(
            Case(
                "plain",
                numpy="np.equal(a, b)",
                torch="torch.eq(a, b)",
                trap=Trap(
                    "torch.equal(a, b)",
                    shows="structure",
                    why="torch.equal is np.array_equal: one bool for the whole tensors.",
                ),
            ),
            Case("scalar", numpy="np.equal(a, 1)", torch="torch.eq(a, 1)"),
            Case("broadcast", numpy="np.equal(a, b[:1])", torch="torch.eq(a, b[:1])"),
            Case(
                "scalar-outside-dtype",
                numpy="np.equal(n, 300)",
                torch="torch.eq(n.long(), 300)",
                inputs={"n": values([44, 7], dtype="uint8")},
                trap=Trap(
                    "torch.eq(n, 300)",
                    shows="value",
                    why=(
                        "torch casts the number to the tensor's dtype, where 300 is 44; NumPy "
                        "compares it as it is."
                    ),
                ),
            ),
            Case(
                "integers-with-float",
                numpy="np.equal(n, 16777217.0)",
                torch="torch.eq(n.double(), 16777217.0)",
                inputs={"n": values([16777216, 7], dtype="int64")},
                trap=Trap(
                    "torch.eq(n, 16777217.0)",
                    shows="value",
                    why=(
                        "torch compares integers with a float number in float32, where 2**24 and "
                        "2**24 + 1 are one; NumPy does it in float64."
                    ),
                ),
            ),
        ),
        parameters={
            "x1": "input",
            "x2": "other",
            "out": "out",
            "where": "torch.where(where, torch.eq(x1, x2), out)",
            "casting": None,
            "order": None,
            "dtype": None,
            "subok": None,
            "signature": None,
        },
        source="numpy.equal; torch.eq; torch.equal",
    ),
    Op(
        "numpy.where",
        summary="Elements of one array or another by a condition; or the indices where it holds.",
        inputs={
            "c": boolean(3, 4),
            "x": real(3, 4),
            "y": real(3, 4),
            "n": integers(0, 3, (3, 4)),
        },
        cases=(
            Case("plain", numpy="np.where(c, x, y)", torch="torch.where(c, x, y)"),
            Case("scalar", numpy="np.where(x > 0, x, 0.0)", torch="torch.where(x > 0, x, 0.0)"),
            Case(
                "two-scalars",
                numpy="np.where(c, 1.0, 0.0)",
                torch="torch.where(c, 1.0, 0.0).double()",
                trap=Trap(
                    "torch.where(c, 1.0, 0.0)",
                    shows="dtype",
                    why="Two float numbers give float32 in torch and float64 in NumPy.",
                ),
            ),
            Case(
                "integers-and-float",
                numpy="np.where(c, n, 0.5)",
                torch="torch.where(c, n.double(), 0.5)",
                trap=Trap(
                    "torch.where(c, n, 0.5)",
                    shows="dtype",
                    why="Integers with a float number give float32 in torch and float64 in NumPy.",
                ),
            ),
            Case(
                "number-as-condition",
                numpy="np.where(n, x, y)",
                torch="torch.where(n != 0, x, y)",
                trap=Trap(
                    "torch.where(n, x, y)",
                    shows="torch raises",
                    why="torch takes a boolean condition only; NumPy tests numbers against zero.",
                ),
            ),
            Case(
                "indices",
                numpy="np.where(c)",
                torch="torch.where(c)",
                trap=Trap(
                    "torch.nonzero(c)",
                    shows="structure",
                    why="torch.nonzero gives one matrix of indices, as np.argwhere does.",
                ),
            ),
        ),
        parameters={"condition": "condition", "x": "input", "y": "other"},
        differences=(
            Difference(
                "number-outside-dtype",
                cases=("plain",),
                probes=("uint8 with 300",),
                shows="torch raises",
                why="np.where wraps a Python integer that the dtype cannot hold, 300 to 44, and "
                "says nothing; torch.where raises.",
                instead="torch.where(c, x, torch.tensor(y).to(x.dtype))",
            ),
        ),
        source="numpy.where; torch.where; torch.nonzero",
    ),
)
