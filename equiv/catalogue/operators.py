"""Operators of ndarray, between arrays and with Python scalars."""

from equiv.entry import (
    SIGNED,
    Case,
    Difference,
    Op,
    Trap,
    boolean,
    integers,
    positive,
    real,
    values,
)

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
        differences=(
            Difference(
                "narrow-integers",
                cases=("integers-and-float32",),
                probes=("bool", "int8", "int16", "uint8", "uint16"),
                shows="dtype",
                why="float32 holds every boolean and every integer of 8 or 16 bits, and NumPy stays"
                " with it; the port's cast to float64 is for wider integers.",
                instead="n + f",
            ),
            Difference(
                "python-integer",
                cases=("integers-and-float32",),
                probes=("int64 with 2", "bool with 2"),
                shows="dtype",
                why="Booleans and integers with a Python integer stay whole; the port's cast to"
                " float64 is for a float tensor beside them.",
                instead="n + 2",
            ),
        ),
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
                torch="f * s.expand_as(f)",
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
        "numpy.ndarray.__truediv__",
        summary="Elementwise quotient, x / y, of floats.",
        inputs={
            "x": real(3, 4),
            "y": real(3, 4),
            "n": integers(-5, 6, (3, 4)),
            "m": integers(1, 8, (3, 4)),
        },
        cases=(
            Case("plain", numpy="x / y", torch="x / y"),
            Case(
                "integers",
                numpy="n / m",
                torch="n.to(torch.float64) / m",
                trap=Trap(
                    "n / m",
                    shows="dtype",
                    why="Integer tensors are divided in torch's default dtype, float32; NumPy "
                    "divides in float64.",
                ),
            ),
            Case(
                "integers-cast-after",
                numpy="n / 3",
                torch="n.to(torch.float64) / 3",
                inputs={"n": values((1, 2, 4), "int64")},
                trap=Trap(
                    "(n / 3).to(torch.float64)",
                    shows="value",
                    why="The cast comes too late: the quotient is rounded to float32 before it.",
                ),
            ),
            Case(
                "float32-and-integers",
                numpy="f / m",
                torch="f.to(torch.float64) / m",
                inputs={"f": real(3, 4, dtype="float32"), "m": integers(1, 8, (3, 4))},
                trap=Trap(
                    "f / m",
                    shows="dtype",
                    why="torch keeps float32 beside integers of any size; NumPy goes to float64, "
                    "which holds more of int64.",
                ),
            ),
            Case(
                "by-zero",
                numpy="z / 0",
                torch="z.to(torch.float64) / 0",
                inputs={"z": values((2, -2, 0), "int64")},
            ),
        ),
        parameters={"value": "other"},
        differences=(
            Difference(
                "narrow-integers",
                cases=("float32-and-integers",),
                probes=("int8", "int16", "uint8", "uint16"),
                shows="dtype",
                why="float32 holds every integer of 8 or 16 bits, and NumPy stays with it; the"
                " port's cast to float64 is for wider integers.",
                instead="f / m",
            ),
        ),
        source="numpy.ndarray.__truediv__; numpy.divide; torch.div; torch.result_type",
    ),
    Op(
        "numpy.ndarray.__floordiv__",
        summary="Elementwise quotient rounded down, x // y.",
        inputs={
            "x": real(3, 4),
            "y": real(3, 4),
            "n": integers(-5, 6, (3, 4)),
            "m": integers(1, 8, (3, 4)),
        },
        cases=(
            Case(
                "plain",
                numpy="x // y",
                torch="x // y",
                no_gradient="The result is a step function of x and y.",
            ),
            Case("integers", numpy="n // m", torch="n // m"),
            Case(
                "negative",
                numpy="k // 2",
                torch="k // 2",
                inputs={"k": values([-7, 7, -8, 8], dtype="int64")},
                trap=Trap(
                    "torch.div(k, 2, rounding_mode='trunc')",
                    shows="value",
                    why="The rounding mode trunc cuts the fraction off, toward zero; // rounds "
                    "down, in NumPy as in torch.",
                ),
            ),
        ),
        parameters={"value": "other"},
        source="numpy.ndarray.__floordiv__; numpy.floor_divide; torch.floor_divide; torch.div",
    ),
    Op(
        "numpy.ndarray.__mod__",
        summary="Elementwise remainder with the sign of the divisor, x % y.",
        inputs={
            "x": real(3, 4),
            "y": real(3, 4),
            "n": integers(-5, 6, (3, 4)),
            "m": integers(1, 8, (3, 4)),
        },
        cases=(
            Case(
                "plain",
                numpy="x % y",
                torch="x % y",
                no_gradient="The result jumps at each multiple of y, and small ones lie close; the "
                "gradient is tried on the case of signs.",
            ),
            Case("integers", numpy="n % m", torch="n % m"),
            Case(
                "signs",
                numpy="a % b",
                torch="a % b",
                inputs={
                    "a": values([-7.25, 7.25, -7.25, 7.25]),
                    "b": values([3.0, 3.0, -3.0, -3.0]),
                },
                trap=Trap(
                    "torch.fmod(a, b)",
                    shows="value",
                    why="torch.fmod has the sign of the dividend, as in C; % has that of the "
                    "divisor, in NumPy as in torch.",
                ),
            ),
        ),
        parameters={"value": "other"},
        source="numpy.ndarray.__mod__; numpy.remainder; torch.remainder; torch.fmod",
    ),
    Op(
        "numpy.ndarray.__pow__",
        summary="Elementwise power, x ** y.",
        inputs={"x": real(3, 4), "n": values((2, -4, 1), "int64")},
        cases=(
            Case("plain", numpy="x ** 2", torch="x ** 2"),
            Case(
                "arrays",
                numpy="p ** y",
                torch="p ** y",
                inputs={"p": positive(3, 4), "y": real(3, 4)},
            ),
            Case(
                "integers-and-fraction",
                numpy="m ** 0.5",
                torch="m.to(torch.float64) ** 0.5",
                inputs={"m": integers(1, 8, (4,))},
                trap=Trap(
                    "m ** 0.5",
                    shows="dtype",
                    why="An integer tensor with a Python float gives torch's default dtype, "
                    "float32; NumPy gives float64.",
                ),
            ),
            Case(
                "negative-exponent",
                numpy="n ** -1",
                torch="n ** -1",
                raises="ValueError",
                trap=Trap(
                    "n ** torch.tensor(-1)",
                    shows="numpy raises",
                    why="torch refuses a negative Python integer only; with an exponent in a "
                    "tensor the powers are cut off to integers, mostly 0.",
                ),
            ),
            Case(
                "booleans",
                numpy="b ** 2",
                torch="b.to(torch.int8) ** 2",
                inputs={"b": boolean(4)},
                trap=Trap(
                    "b ** 2",
                    shows="dtype",
                    why="Booleans are raised to a Python integer in int8 by NumPy, in int64 by "
                    "torch.",
                ),
            ),
        ),
        parameters={"value": "exponent", "mod": None},
        differences=(
            Difference(
                "booleans-squared",
                cases=("plain",),
                probes=("bool",),
                shows="dtype",
                why="Booleans are raised to a Python integer in int8 by NumPy, in int64 by torch.",
                instead="x.to(torch.int8) ** 2",
            ),
            Difference(
                "negative-exponents",
                cases=("arrays",),
                probes=(*SIGNED, "int32 with int64", "uint8 with int8"),
                shows="numpy raises",
                why="NumPy refuses negative exponents of integers in an array; torch cuts the"
                " powers off to integers, mostly 0.",
                instead="Check (y < 0).any() first.",
            ),
        ),
        source="numpy.ndarray.__pow__; numpy.power; torch.pow; torch.result_type",
    ),
    Op(
        "numpy.ndarray.__iadd__",
        summary="Sum written into the left operand, x += y.",
        inputs={"x": real(3, 4), "y": real(3, 4), "v": real(4), "n": integers(-5, 6, (3, 4))},
        cases=(
            Case(
                "plain",
                numpy="x += y; x",
                torch="x += y; x",
                trap=Trap(
                    "x = x + y; x",
                    shows="aliasing",
                    why="x = x + y binds the name to a new tensor, and the old one keeps its"
                    " values.",
                ),
            ),
            Case("row", numpy="x += v; x", torch="x += v; x"),
            Case(
                "overlapping",
                numpy="x[1:] += x[:-1]; x",
                torch="x[1:] += x[:-1].clone(); x",
                trap=Trap(
                    "x[1:] += x[:-1]; x",
                    shows="torch raises",
                    why="torch refuses an operand that partly overlaps what is written; NumPy "
                    "copies it first.",
                ),
            ),
            Case(
                "integers-and-float",
                numpy="n += 1.5; n",
                torch="n += 1.5; n",
                raises="UFuncTypeError",
                trap=Trap(
                    "n[:] = n + 1.5; n",
                    shows="numpy raises",
                    why="+= refuses a float sum for an array of integers, on both sides; writing "
                    "the sum to a slice drops the fractions.",
                ),
            ),
            Case(
                "float32-and-float64",
                numpy="f += x; f",
                torch="f += x; f",
                inputs={"f": real(3, 4, dtype="float32"), "x": real(3, 4)},
                trap=Trap(
                    "f = f + x; f",
                    shows="dtype",
                    why="The sum in place keeps float32; the sum on its own is float64.",
                ),
            ),
        ),
        parameters={"value": "other"},
        source="numpy.ndarray.__iadd__; numpy.add; torch.Tensor.add_; torch.result_type",
    ),
    Op(
        "numpy.ndarray.__matmul__",
        summary="Matrix product, x @ w, of vectors, matrices and stacks.",
        inputs={"x": real(3, 4), "w": real(4, 2), "u": real(4), "v": real(4)},
        cases=(
            Case(
                "plain",
                numpy="x @ w",
                torch="x @ w",
                unprobed={
                    "subnormal": "The products underflow to zeros; whether they are 0.0 or -0.0 "
                    "depends on whether the processor's BLAS fuses multiply and add."
                },
            ),
            Case(
                "vectors",
                numpy="u @ v",
                torch="u @ v",
                unprobed={
                    "subnormal": "The products underflow to zeros; whether they are 0.0 or -0.0 "
                    "depends on whether the processor's BLAS fuses multiply and add."
                },
            ),
            Case(
                "stacks",
                numpy="a @ b",
                torch="a @ b",
                unprobed={
                    "subnormal": "The products underflow to zeros; whether they are 0.0 or -0.0 "
                    "depends on whether the processor's BLAS fuses multiply and add."
                },
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
                unprobed={
                    "subnormal": "The products underflow to zeros; whether they are 0.0 or -0.0 "
                    "depends on whether the processor's BLAS fuses multiply and add."
                },
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
                torch="p = torch.result_type(n, w); n.to(p) @ w.to(p)",
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
        differences=(
            Difference(
                "number-outside-dtype",
                cases=("plain", "row"),
                probes=("uint8 with 300", "uint8 with -1"),
                shows="value",
                why="torch casts the Python integer to the tensor's dtype, 300 to 44 and -1 to 255;"
                " NumPy compares the true values.",
                instead="x.long() > y",
            ),
        ),
        source="numpy.ndarray.__gt__; torch.gt; torch.result_type",
    ),
)
