"""Bits: operations on the bits of integers and booleans."""

from equiv.entry import Case, Op, Trap, boolean, integers, values

OPS: tuple[Op, ...] = (
    Op(
        "numpy.bitwise_and",
        summary="Elementwise & of the bits.",
        inputs={
            "a": integers(0, 16, (3, 4)),
            "b": integers(1, 16, (4,)),
            "m": boolean(3, 4),
            "s": values([1, 3, 100], dtype="int8"),
            "k": values(3, dtype="int64"),
        },
        cases=(
            Case(
                "plain",
                numpy="np.bitwise_and(a, b)",
                torch="torch.bitwise_and(a, b)",
                trap=Trap(
                    "torch.logical_and(a, b)",
                    shows="dtype",
                    why=(
                        "torch.logical_and gives the truth of both; the bits of both are numbers."
                    ),
                ),
            ),
            Case(
                "booleans",
                numpy="np.bitwise_and(m, a > 7)",
                torch="torch.bitwise_and(m, a > 7)",
                trap=Trap(
                    "torch.bitwise_and(m, (a > 7).int())",
                    shows="dtype",
                    why=(
                        "A boolean with an integer gives an integer; masks stay masks "
                        "among themselves only."
                    ),
                ),
            ),
            Case(
                "0-d",
                numpy="np.bitwise_and(s, k)",
                torch="torch.bitwise_and(s.to(k.dtype), k)",
                trap=Trap(
                    "torch.bitwise_and(s, k)",
                    shows="dtype",
                    why=(
                        "torch takes the dtype of the tensor that has axes, int8, and a "
                        "0-d tensor does not widen it; NumPy 2 takes the wider of both."
                    ),
                ),
            ),
        ),
        parameters={
            "x1": "input",
            "x2": "other",
            "out": "out",
            "where": "torch.where(where, torch.bitwise_and(x1, x2), out)",
            "casting": None,
            "order": None,
            "dtype": None,
            "subok": None,
            "signature": None,
        },
        source="numpy.bitwise_and; torch.bitwise_and",
    ),
    Op(
        "numpy.invert",
        summary="Every bit turned over; of booleans, not.",
        inputs={
            "n": integers(-9, 10, (3, 4)),
            "m": boolean(3, 4),
            "u": values([1, 300], dtype="uint16"),
        },
        cases=(
            Case(
                "plain",
                numpy="np.invert(n)",
                torch="torch.bitwise_not(n)",
                trap=Trap(
                    "torch.logical_not(n)",
                    shows="dtype",
                    why=(
                        "torch.logical_not says where there is a zero; the bits turned "
                        "over are -n - 1."
                    ),
                ),
            ),
            Case(
                "booleans",
                numpy="np.invert(m)",
                torch="torch.bitwise_not(m)",
                trap=Trap(
                    "1 - m",
                    shows="torch raises",
                    why="torch does not subtract a boolean tensor; use ~m.",
                ),
            ),
            Case(
                "uint16",
                numpy="np.invert(u)",
                torch="torch.bitwise_not(u.long()).to(u.dtype)",
                trap=Trap(
                    "torch.bitwise_not(u)",
                    shows="torch raises",
                    why="torch does not turn over uint16.",
                ),
            ),
        ),
        parameters={
            "x": "input",
            "out": "out",
            "where": "torch.where(where, torch.bitwise_not(x), out)",
            "casting": None,
            "order": None,
            "dtype": None,
            "subok": None,
            "signature": None,
        },
        source="numpy.invert; torch.bitwise_not",
    ),
    Op(
        "numpy.left_shift",
        summary="Bits moved to the left, which doubles for each place.",
        inputs={
            "a": integers(1, 16, (3, 4)),
            "b": integers(0, 8, (4,)),
            "m": boolean(3, 4),
            "s": values([1, 3, 100], dtype="int8"),
            "k": values(3, dtype="int64"),
        },
        cases=(
            Case(
                "plain",
                numpy="np.left_shift(a, b)",
                torch="torch.bitwise_left_shift(a, b)",
                trap=Trap(
                    "torch.ldexp(a, b)",
                    shows="dtype",
                    why="torch.ldexp doubles just as often, but in float32.",
                ),
            ),
            Case(
                "0-d",
                numpy="np.left_shift(s, k)",
                torch="torch.bitwise_left_shift(s.to(k.dtype), k)",
                trap=Trap(
                    "torch.bitwise_left_shift(s, k)",
                    shows="dtype",
                    why=(
                        "torch takes the dtype of the tensor that has axes, int8, and a "
                        "0-d tensor does not widen it; NumPy 2 takes the wider of both."
                    ),
                ),
            ),
            Case(
                "booleans",
                numpy="np.left_shift(m, m)",
                torch="torch.bitwise_left_shift(m.to(torch.int8), m.to(torch.int8))",
                trap=Trap(
                    "torch.bitwise_left_shift(m, m)",
                    shows="torch raises",
                    why="torch does not shift booleans by booleans; NumPy makes them int8.",
                ),
            ),
        ),
        parameters={
            "x1": "input",
            "x2": "other",
            "out": "out",
            "where": "torch.where(where, torch.bitwise_left_shift(x1, x2), out)",
            "casting": None,
            "order": None,
            "dtype": None,
            "subok": None,
            "signature": None,
        },
        source="numpy.left_shift; torch.bitwise_left_shift; torch.ldexp",
    ),
)
