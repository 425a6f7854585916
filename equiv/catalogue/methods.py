"""Attributes and methods of ndarray."""

from equiv.entry import Case, Difference, Op, Trap, integers, real

OPS: tuple[Op, ...] = (
    Op(
        "numpy.ndarray.shape",
        summary="Lengths of the axes, as a tuple.",
        inputs={"x": real(3, 4)},
        cases=(
            Case("plain", numpy="x.shape", torch="x.shape"),
            Case("one-axis", numpy="x.shape[1]", torch="x.shape[1]"),
            Case(
                "assigned",
                numpy="x.shape = (4, 3); x",
                torch="x.view(4, 3)",
                trap=Trap(
                    "x.shape = (4, 3); x",
                    shows="torch raises",
                    why="The shape of a tensor cannot be assigned; .view() gives another tensor "
                    "on the same memory.",
                ),
            ),
        ),
        parameters={},
        source="numpy.ndarray.shape; torch.Tensor.shape; torch.Tensor.view",
    ),
    Op(
        "numpy.ndarray.dtype",
        summary="Data type of the elements.",
        inputs={"x": real(3, 4)},
        cases=(
            Case("plain", numpy="x.dtype", torch="x.dtype"),
            Case(
                "equals",
                numpy="x.dtype == np.float64",
                torch="x.dtype == torch.float64",
            ),
            Case(
                "equals-float",
                numpy="x.dtype == float",
                torch="x.dtype == torch.float64",
                trap=Trap(
                    "x.dtype == torch.float",
                    shows="value",
                    why="torch.float is float32; Python's float is NumPy's float64.",
                ),
            ),
            Case(
                "equals-text",
                numpy="x.dtype == 'float64'",
                torch="x.dtype == torch.float64",
                trap=Trap(
                    "x.dtype == 'float64'",
                    shows="value",
                    why="A torch.dtype equals no string; NumPy reads the string as a dtype.",
                ),
            ),
            Case(
                "name",
                numpy="x.dtype.name",
                torch="str(x.dtype).removeprefix('torch.')",
                trap=Trap(
                    "str(x.dtype)",
                    shows="value",
                    why="torch spells its dtypes with the module in front: torch.float64.",
                ),
            ),
            Case(
                "is-floating",
                numpy="np.issubdtype(x.dtype, np.floating)",
                torch="x.dtype.is_floating_point",
            ),
        ),
        parameters={},
        source="numpy.ndarray.dtype; torch.dtype",
    ),
    Op(
        "numpy.ndarray.T",
        summary="View with the axes in reverse order.",
        inputs={"x": real(3, 4), "a": real(2, 3, 4), "v": real(4)},
        cases=(
            Case("plain", numpy="x.T", torch="x.T"),
            Case(
                "stack",
                numpy="a.T",
                torch="a.permute(2, 1, 0)",
                trap=Trap(
                    "a.mT",
                    shows="shape",
                    why="mT transposes each matrix of a stack; T reverses all axes.",
                ),
            ),
            Case(
                "vector",
                numpy="v.T",
                torch="v",
                trap=Trap(
                    "v.mT",
                    shows="torch raises",
                    why="mT takes matrices and stacks of them only; T leaves a vector as it is.",
                ),
            ),
        ),
        parameters={},
        source="numpy.ndarray.T; torch.Tensor.T; torch.Tensor.mT",
    ),
    Op(
        "numpy.ndarray.astype",
        summary="Copy of the array, cast to a dtype.",
        inputs={"x": real(3, 4), "n": integers(-5, 6, (3, 4))},
        cases=(
            Case(
                "plain",
                numpy="x.astype(np.float32)",
                torch="x.to(torch.float32, copy=True)",
                no_gradient="Rounding to float32 hides the small steps of finite differences.",
            ),
            Case(
                "same-dtype",
                numpy="x.astype(np.float64)",
                torch="x.to(torch.float64, copy=True)",
                trap=Trap(
                    "x.to(torch.float64)",
                    shows="aliasing",
                    why="to() returns the tensor itself where it has the dtype already; astype "
                    "copies.",
                ),
            ),
            Case(
                "copy-false",
                numpy="x.astype(np.float64, copy=False)",
                torch="x.to(torch.float64)",
            ),
            Case(
                "int",
                numpy="x.astype(int)",
                torch="x.to(torch.int64, copy=True)",
                trap=Trap(
                    "x.int()",
                    shows="dtype",
                    why="int() of a tensor is int32; Python's int is NumPy's int64.",
                ),
            ),
            Case(
                "float",
                numpy="n.astype(float)",
                torch="n.to(torch.float64)",
                trap=Trap(
                    "n.float()",
                    shows="dtype",
                    why="float() of a tensor is float32; Python's float is NumPy's float64.",
                ),
            ),
            Case("bool", numpy="n.astype(bool)", torch="n.to(torch.bool, copy=True)"),
        ),
        parameters={
            "dtype": "dtype",
            "order": "memory_format",
            "casting": None,
            "subok": None,
            "copy": "copy",
        },
        source="numpy.ndarray.astype; torch.Tensor.to",
    ),
    Op(
        "numpy.ndarray.copy",
        summary="Copy of the array in memory of its own.",
        inputs={"x": real(3, 4)},
        cases=(
            Case(
                "plain",
                numpy="x.copy()",
                torch="x.clone()",
                layout=True,
                trap=Trap(
                    "x.detach()",
                    shows="aliasing",
                    why="detach() leaves autograd's graph but shares the memory.",
                ),
            ),
            Case(
                "transposed",
                numpy="x.T.copy()",
                torch="x.T.clone(memory_format=torch.contiguous_format)",
                layout=True,
                trap=Trap(
                    "x.T.clone()",
                    shows="layout",
                    why="clone() keeps the strides of a transposed tensor; copy() is C-contiguous "
                    "unless order= says otherwise.",
                ),
            ),
            Case(
                "order-k",
                numpy="x.T.copy(order='K')",
                torch="x.T.clone()",
                layout=True,
                trap=Trap(
                    "x.T.contiguous()",
                    shows="layout",
                    why="contiguous() rearranges the elements in row order; order='K' keeps them "
                    "as they lie in memory.",
                ),
            ),
        ),
        parameters={"order": "memory_format"},
        differences=(
            Difference(
                "strides",
                cases=("plain",),
                probes=("transposed",),
                shows="layout",
                why="clone() keeps the strides of a transposed tensor; copy() is C-contiguous "
                "unless order= says otherwise.",
                instead="x.clone(memory_format=torch.contiguous_format)",
            ),
        ),
        source="numpy.ndarray.copy; torch.clone; torch.Tensor.detach",
    ),
    Op(
        "numpy.ndarray.reshape",
        summary="Array of another shape: a view where the layout allows it, else a copy.",
        inputs={"x": real(3, 4)},
        cases=(
            Case("plain", numpy="x.reshape(4, 3)", torch="x.reshape(4, 3)"),
            Case("minus-one", numpy="x.reshape((2, -1))", torch="x.reshape((2, -1))"),
            Case(
                "transposed",
                numpy="x.T.reshape(2, 6)",
                torch="x.T.reshape(2, 6)",
                trap=Trap(
                    "x.T.view(2, 6)",
                    shows="torch raises",
                    why="view() never copies: it raises where the layout does not allow a view.",
                ),
            ),
            Case(
                "order-f",
                numpy="x.reshape((2, 6), order='F')",
                torch="x.T.reshape(6, 2).T",
                trap=Trap(
                    "x.T.reshape(2, 6)",
                    shows="value",
                    why="order='F' both reads and fills column by column: reverse the axes, "
                    "reshape to the reversed shape, and reverse them back.",
                ),
            ),
            Case(
                "copy-true",
                numpy="x.reshape((4, 3), copy=True)",
                torch="x.reshape(4, 3).clone()",
                trap=Trap(
                    "x.reshape(4, 3)",
                    shows="aliasing",
                    why="reshape() gives a view where it can.",
                ),
            ),
            Case(
                "copy-false",
                numpy="x.T.reshape((2, 6), copy=False)",
                torch="x.T.view(2, 6)",
                raises="ValueError",
            ),
        ),
        parameters={
            "shape": "shape",
            "order": "x.T.reshape(6, 2).T",
            "copy": "x.reshape(4, 3).clone()",
        },
        source="numpy.ndarray.reshape; torch.Tensor.reshape; torch.Tensor.view",
    ),
    Op(
        "numpy.ndarray.flatten",
        summary="Copy of the array as one axis.",
        inputs={"x": real(3, 4), "a": real(2, 3, 4)},
        cases=(
            Case(
                "plain",
                numpy="x.flatten()",
                torch="x.flatten().clone()",
                trap=Trap(
                    "x.flatten()",
                    shows="aliasing",
                    why="torch's flatten() gives a view where it can; NumPy's always copies.",
                ),
            ),
            Case(
                "stack",
                numpy="a.flatten()",
                torch="a.flatten().clone()",
                trap=Trap(
                    "torch.nn.Flatten()(a)",
                    shows="shape",
                    why="torch.nn.Flatten keeps the first axis, the batch.",
                ),
            ),
            Case(
                "order-f",
                numpy="x.flatten(order='F')",
                torch="x.T.flatten().clone()",
                trap=Trap(
                    "x.flatten().clone()",
                    shows="value",
                    why="torch reads row by row; order='F' reads column by column.",
                ),
            ),
        ),
        parameters={"order": "x.T.flatten().clone()"},
        source="numpy.ndarray.flatten; torch.flatten; torch.nn.Flatten",
    ),
    Op(
        "numpy.ndarray.ravel",
        summary="The array as one axis: a view where the layout allows it, else a copy.",
        inputs={"x": real(3, 4)},
        cases=(
            Case("plain", numpy="x.ravel()", torch="x.ravel()"),
            Case(
                "transposed",
                numpy="x.T.ravel()",
                torch="x.T.ravel()",
                trap=Trap(
                    "x.T.view(-1)",
                    shows="torch raises",
                    why="view() never copies: it raises where the layout does not allow a view.",
                ),
            ),
            Case(
                "order-f",
                numpy="x.ravel(order='F')",
                torch="x.T.ravel()",
                trap=Trap(
                    "x.ravel()",
                    shows="value",
                    why="torch reads row by row; order='F' reads column by column.",
                ),
            ),
            Case(
                "order-k",
                numpy="x.T.ravel(order='K')",
                torch="x.ravel()",
                trap=Trap(
                    "x.T.ravel()",
                    shows="value",
                    why="torch reads row by row; order='K' reads the elements as they lie in "
                    "memory.",
                ),
            ),
        ),
        parameters={"order": "x.T.ravel()"},
        differences=(
            Difference(
                "order-k-of-columns",
                cases=("order-k",),
                probes=("transposed",),
                shows=("value", "aliasing", "gradient"),
                why="order='K' follows the strides and gives a view of a column-major x, column by "
                "column; the port takes x for C-contiguous and copies it row by row.",
                instead="x.T.ravel()",
            ),
            Difference(
                "order-k-of-repeats",
                cases=("order-k",),
                probes=("broadcast",),
                shows="value",
                why="An axis that repeats memory has no place in its order: NumPy leaves it where "
                "it is and reads x.T row by row; the port reads x row by row.",
                instead="x.T.ravel()",
            ),
        ),
        source="numpy.ndarray.ravel; torch.ravel; torch.Tensor.view",
    ),
)
