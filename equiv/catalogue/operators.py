"""Operators of ndarray, between arrays and with Python scalars."""

from equiv.entry import Case, Op, Trap, boolean, integers, real, values

OPS: tuple[Op, ...] = (
    Op(
        "numpy.ndarray.__add__",
        summary="Elementwise sum, x + y.",
        inputs={"x": real(3, 4), "y": real(3, 4), "v": real(4), "n": integers(-5, 6, (3, 4))},
        cases=(
            Case("plain", numpy="x + y", torch="x + y"),
            Case("scalar", numpy="x + 2.5", torch="x + 2.5"),
            Case("row", numpy="x + v", torch="x + v"),
            Case(
                "integers-and-float",
                numpy="n + 1.5",
                torch="n.to(torch.float64) + 1.5",
                trap=Trap(
                    "n + 1.5",
                    shows="dtype",
                    why="An integer tensor with a Python float gives torch's default dtype, "
                    "float32; NumPy gives float64.",
                ),
            ),
            Case(
                "integers-and-float32",
                numpy="n + f",
                torch="n.to(torch.float64) + f",
                inputs={"n": integers(-5, 6, (3, 4)), "f": real(3, 4, dtype="float32")},
                trap=Trap(
                    "n + f",
                    shows="dtype",
                    why="torch keeps float32 beside integers of any size; NumPy goes to float64, "
                    "which holds more of int64.",
                ),
            ),
            Case(
                "list",
                numpy="x + [0.1, 0.2, 0.3, 0.4]",
                torch="x + torch.tensor([0.1, 0.2, 0.3, 0.4], dtype=torch.float64)",
                trap=Trap(
                    "x + torch.tensor([0.1, 0.2, 0.3, 0.4])",
                    shows="value",
                    why="torch.tensor rounds Python floats to float32, and the sum with a float64 "
                    "tensor hides that; NumPy reads a list as float64.",
                ),
            ),
        ),
        parameters={"value": "other"},
        source="numpy.ndarray.__add__; torch.add; torch.result_type",
    ),
    Op(
        "numpy.ndarray.__mul__",
        summary="Elementwise product, x * y.",
        inputs={"x": real(3, 4), "y": real(3, 4), "n": integers(-5, 6, (3, 4))},
        cases=(
            Case(
                "plain",
                numpy="x * y",
                torch="x * y",
            ),
            Case("scalar", numpy="x * 2", torch="x * 2"),
            Case(
                "column",
                numpy="x * u[:, np.newaxis]",
                torch="x * u[:, None]",
                inputs={"x": real(3, 4), "u": real(3)},
            ),
            Case(
                "integers-and-float",
                numpy="n * 0.5",
                torch="n.to(torch.float64) * 0.5",
                trap=Trap(
                    "n * 0.5",
                    shows="dtype",
                    why="An integer tensor with a Python float gives torch's default dtype, "
                    "float32; NumPy gives float64.",
                ),
            ),
            Case(
                "integers-and-complex",
                numpy="n * 1j",
                torch="n.to(torch.float64) * 1j",
                trap=Trap(
                    "n * 1j",
                    shows="dtype",
                    why="An integer tensor with a Python complex gives complex64, of torch's "
                    "default dtype; NumPy gives complex128.",
                ),
            ),
            Case(
                "zero-d",
                numpy="f * s",
                torch="f.to(torch.float64) * s",
                inputs={"f": real(3, 4, dtype="float32"), "s": values(1.5)},
                trap=Trap(
                    "f * s",
                    shows="dtype",
                    why="A float tensor without axes does not widen one with axes; NumPy promotes "
                    "both alike.",
                ),
            ),
        ),
        parameters={"value": "other"},
        source="numpy.ndarray.__mul__; torch.mul; torch.result_type",
    ),
    Op(
        "numpy.ndarray.__matmul__",
        summary="Matrix product, x @ w, of vectors, matrices and stacks.",
        inputs={"x": real(3, 4), "w": real(4, 2), "u": real(4), "v": real(4)},
        cases=(
            Case("plain", numpy="x @ w", torch="x @ w"),
            Case("vectors", numpy="u @ v", torch="u @ v"),
            Case(
                "stacks",
                numpy="a @ b",
                torch="a @ b",
                inputs={"a": real(2, 3, 4), "b": real(2, 4, 5)},
                trap=Trap(
                    "torch.mm(a, b)",
                    shows="torch raises",
                    why="torch.mm takes two matrices only; @ and torch.matmul take stacks.",
                ),
            ),
            Case(
                "stack-and-matrix",
                numpy="a @ w",
                torch="a @ w",
                inputs={"a": real(2, 3, 4), "w": real(4, 2)},
                trap=Trap(
                    "torch.bmm(a, w)",
                    shows="torch raises",
                    why="torch.bmm takes two stacks and broadcasts neither.",
                ),
            ),
            Case(
                "mixed-dtypes",
                numpy="n @ w",
                torch="n.to(torch.float64) @ w",
                inputs={"n": integers(-5, 6, (3, 4)), "w": real(4, 2)},
                trap=Trap(
                    "n @ w",
                    shows="torch raises",
                    why="torch's products do not promote: both operands must have one dtype.",
                ),
            ),
            Case(
                "booleans",
                numpy="p @ q",
                torch="(p.to(torch.int64) @ q.to(torch.int64)).to(torch.bool)",
                inputs={"p": boolean(3, 4), "q": boolean(4, 2)},
                trap=Trap(
                    "p @ q",
                    shows="torch raises",
                    why="torch has no product of boolean matrices; NumPy's is true where any "
                    "pair is.",
                ),
            ),
        ),
        parameters={"value": "other"},
        source="numpy.ndarray.__matmul__; torch.matmul; torch.mm; torch.bmm",
    ),
    Op(
        "numpy.ndarray.__gt__",
        summary="Elementwise comparison, x > y.",
        inputs={"x": real(3, 4), "y": real(3, 4), "v": real(4)},
        cases=(
            Case("plain", numpy="x > y", torch="x > y"),
            Case("scalar", numpy="x > 0.5", torch="x > 0.5"),
            Case("row", numpy="x > v", torch="x > v"),
            Case(
                "scalar-out-of-range",
                numpy="b > 300",
                torch="b.to(torch.int64) > 300",
                inputs={"b": values([10, 100, 200], dtype="uint8")},
                trap=Trap(
                    "b > 300",
                    shows="value",
                    why="torch casts the Python integer to the tensor's dtype, where 300 becomes "
                    "44; NumPy compares the true values.",
                ),
            ),
            Case(
                "large-integers",
                numpy="n > 16777216.0",
                torch="n.to(torch.float64) > 16777216.0",
                inputs={"n": values([16777215, 16777216, 16777217], dtype="int64")},
                trap=Trap(
                    "n > 16777216.0",
                    shows="value",
                    why="torch compares integers with a Python float in float32, which holds "
                    "integers up to 2**24 only; NumPy compares in float64.",
                ),
            ),
            Case(
                "zero-d",
                numpy="f > t",
                torch="f.to(torch.float64) > t",
                inputs={"f": values([0.1, 0.2], dtype="float32"), "t": values(0.1)},
                trap=Trap(
                    "f > t",
                    shows="value",
                    why="A float tensor without axes does not widen one with axes: torch compares "
                    "in float32, where both are 0.1; NumPy compares in float64.",
                ),
            ),
        ),
        parameters={"value": "other"},
        source="numpy.ndarray.__gt__; torch.gt; torch.result_type",
    ),
)
