"""Dtypes and their rules: what operands come to, what may be cast, what a float holds."""

from equiv.entry import Case, Difference, Op, Trap, integers, real, values

OPS: tuple[Op, ...] = (
    Op(
        "numpy.result_type",
        summary="The dtype that operands of several dtypes come to.",
        inputs={
            "a": integers(0, 5, (3,)),
            "h": real(3, dtype="float32"),
            "d": real(4),
            "s": values(1.5),
        },
        cases=(
            Case(
                "plain",
                numpy="np.result_type(h, d)",
                torch="torch.result_type(h, d)",
            ),
            Case(
                "integers-and-float32",
                numpy="np.result_type(a, h)",
                torch="torch.result_type(a.double(), h)",
                trap=Trap(
                    "torch.result_type(a, h)",
                    shows="value",
                    why=(
                        "torch lets any float win over any integer; NumPy takes float64 "
                        "for integers of 32 and 64 bits beside float32."
                    ),
                ),
            ),
            Case(
                "0-d",
                numpy="np.result_type(h, s)",
                torch="torch.promote_types(h.dtype, s.dtype)",
                trap=Trap(
                    "torch.result_type(h, s)",
                    shows="value",
                    why=(
                        "A 0-d tensor does not widen a tensor of its kind that has axes; "
                        "NumPy 2 counts a 0-d array as any other."
                    ),
                ),
            ),
            Case(
                "number",
                numpy="np.result_type(a, 1.5)",
                torch="torch.result_type(a.double(), 1.5)",
                trap=Trap(
                    "torch.result_type(a, 1.5)",
                    shows="value",
                    why=(
                        "Integers with a float number come to torch's default dtype, "
                        "float32, and to float64 in NumPy."
                    ),
                ),
            ),
            Case(
                "dtypes",
                numpy="np.result_type(np.int8, np.uint8)",
                torch="torch.promote_types(torch.int8, torch.uint8)",
                trap=Trap(
                    "torch.result_type(torch.int8, torch.uint8)",
                    shows="torch raises",
                    why=(
                        "torch.result_type takes tensors and numbers; torch.promote_types "
                        "takes dtypes, two at a time."
                    ),
                ),
            ),
        ),
        parameters={"arrays_and_dtypes": "torch.promote_types(torch.promote_types(a, b), c)"},
        differences=(
            Difference(
                "integers-for-floats",
                cases=("plain",),
                probes=("int32", "int64", "uint32", "uint64", "int64 extremes"),
                shows="value",
                why="torch lets float32 win over any integer; NumPy takes float64 for integers of "
                "32 and 64 bits beside float32.",
                instead="torch.result_type(h, d.double())",
            ),
            Difference(
                "narrow-integers",
                cases=("integers-and-float32",),
                probes=("bool", "int8", "int16", "uint8", "uint16"),
                shows="value",
                why="float32 holds integers of up to 16 bits, and NumPy stays with it as torch "
                "does; a.double() is for wider ones.",
                instead="torch.result_type(a, h)",
            ),
            Difference(
                "whole-numbers",
                cases=("integers-and-float32",),
                probes=("int64 with 2", "uint8 with 300", "uint8 with -1", "bool with 2"),
                shows="value",
                why="A whole Python number leaves an integer dtype as it is, and makes int64 of "
                "booleans, in NumPy and in torch; a.double() makes floats of them.",
                instead="torch.result_type(a, h)",
            ),
        ),
        source="numpy.result_type; torch.result_type; torch.promote_types",
    ),
    Op(
        "numpy.can_cast",
        summary="Whether one dtype may be cast to another under a rule.",
        cases=(
            Case(
                "plain",
                numpy="np.can_cast(np.float64, np.float32)",
                torch="torch.promote_types(torch.float64, torch.float32) == torch.float32",
                trap=Trap(
                    "torch.can_cast(torch.float64, torch.float32)",
                    shows="value",
                    why=(
                        "torch.can_cast asks for the kind only; NumPy's default rule, "
                        "safe, refuses the narrower float."
                    ),
                ),
            ),
            Case(
                "same-kind",
                numpy="np.can_cast(np.float64, np.float32, casting='same_kind')",
                torch="torch.can_cast(torch.float64, torch.float32)",
                trap=Trap(
                    "torch.can_cast(torch.float64, torch.float32, casting='same_kind')",
                    shows="torch raises",
                    why="torch has one rule and takes no other.",
                ),
            ),
            Case(
                "integer-to-float",
                numpy="np.can_cast(np.int32, np.float32)",
                torch="torch.iinfo(torch.int32).bits < torch.finfo(torch.float32).bits",
                trap=Trap(
                    "torch.promote_types(torch.int32, torch.float32) == torch.float32",
                    shows="value",
                    why=(
                        "torch lets any float win over any integer; NumPy asks for a float "
                        "of more bits than the integer has, float64 for 64 bits."
                    ),
                ),
            ),
            Case(
                "to-unsigned",
                numpy="np.can_cast(np.int64, np.uint8, casting='same_kind')",
                torch=(
                    "torch.int64.is_signed <= torch.uint8.is_signed and "
                    "torch.can_cast(torch.int64, torch.uint8)"
                ),
                trap=Trap(
                    "torch.can_cast(torch.int64, torch.uint8)",
                    shows="value",
                    why="torch casts signed to unsigned integers; NumPy never does by kind.",
                ),
            ),
        ),
        parameters={"from_": "from_", "to": "to", "casting": None},
        source="numpy.can_cast; torch.can_cast; torch.promote_types",
    ),
    Op(
        "numpy.finfo",
        summary="Limits of a float dtype.",
        inputs={"x": real(3)},
        cases=(
            Case(
                "plain",
                numpy="float(np.finfo(np.float32).eps)",
                torch="torch.finfo(torch.float32).eps",
            ),
            Case(
                "max",
                numpy="float(np.finfo(x.dtype).max)",
                torch="torch.finfo(x.dtype).max",
                trap=Trap(
                    "torch.finfo(x).max",
                    shows="torch raises",
                    why="torch takes a dtype; NumPy also takes an array.",
                ),
            ),
            Case(
                "float",
                numpy="float(np.finfo(float).eps)",
                torch="torch.finfo(torch.float64).eps",
                trap=Trap(
                    "torch.finfo().eps",
                    shows="value",
                    why=(
                        "With no argument torch tells of its default dtype, float32; "
                        "Python's float is float64."
                    ),
                ),
            ),
            Case(
                "smallest-subnormal",
                numpy="float(np.finfo(np.float64).smallest_subnormal)",
                torch="torch.finfo(torch.float64).tiny * torch.finfo(torch.float64).eps",
                trap=Trap(
                    "torch.finfo(torch.float64).smallest_subnormal",
                    shows="torch raises",
                    why="torch knows the smallest normal number only.",
                ),
            ),
        ),
        parameters={"dtype": "type"},
        source="numpy.finfo; torch.finfo",
    ),
)
