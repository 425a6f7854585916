"""Creation: arrays from values, from shapes, from ranges and from coordinates."""

from equiv.entry import Case, Difference, Op, Trap, integers, real, values

OPS: tuple[Op, ...] = (
    Op(
        "numpy.ones",
        summary="Array of a given shape, filled with ones.",
        cases=(
            Case(
                "plain",
                numpy="np.ones((3, 4))",
                torch="torch.ones((3, 4), dtype=torch.float64)",
                trap=Trap(
                    "torch.ones((3, 4))",
                    shows="dtype",
                    why="torch fills with its default dtype, float32; NumPy with float64.",
                ),
            ),
            Case("length", numpy="np.ones(4)", torch="torch.ones(4, dtype=torch.float64)"),
            Case(
                "dtype",
                numpy="np.ones(4, dtype='int64')",
                torch="torch.ones(4, dtype=torch.int64)",
                trap=Trap(
                    "torch.ones(4, dtype='int64')",
                    shows="torch raises",
                    why="torch takes no dtype by its name, only its own dtypes and Python's types.",
                ),
            ),
            Case(
                "shape-of",
                numpy="np.ones(x.shape)",
                torch="torch.ones(x.shape, dtype=torch.float64)",
                inputs={"x": real(3, 4, dtype="float32")},
                trap=Trap(
                    "torch.ones_like(x)",
                    shows="dtype",
                    why="ones_like also takes over the dtype of x; np.ones takes only the shape.",
                ),
            ),
        ),
        parameters={
            "shape": "size",
            "dtype": "dtype",
            "order": "torch.ones(shape[::-1]).T",
            "device": "device",
            "like": None,
        },
        source="numpy.ones; torch.ones",
    ),
    Op(
        "numpy.zeros",
        summary="Array of a given shape, filled with zeros.",
        cases=(
            Case(
                "plain",
                numpy="np.zeros((3, 4))",
                torch="torch.zeros((3, 4), dtype=torch.float64)",
                trap=Trap(
                    "torch.zeros((3, 4))",
                    shows="dtype",
                    why="torch fills with its default dtype, float32; NumPy with float64.",
                ),
            ),
            Case("no-axes", numpy="np.zeros(())", torch="torch.zeros((), dtype=torch.float64)"),
            Case(
                "dtype",
                numpy="np.zeros(4, dtype=np.float32)",
                torch="torch.zeros(4, dtype=torch.float32)",
            ),
            Case("dtype-int", numpy="np.zeros(4, dtype=int)", torch="torch.zeros(4, dtype=int)"),
            Case(
                "shape-of",
                numpy="np.zeros(x.shape)",
                torch="torch.zeros(x.shape, dtype=torch.float64)",
                inputs={"x": integers(-5, 5, (3, 4))},
                trap=Trap(
                    "torch.zeros_like(x)",
                    shows="dtype",
                    why="zeros_like also takes over the dtype of x; np.zeros takes only the shape.",
                ),
            ),
            Case(
                "order-F",
                numpy="np.zeros((3, 4), order='F')",
                torch="torch.zeros((4, 3), dtype=torch.float64).T",
                layout=True,
                trap=Trap(
                    "torch.zeros((3, 4), dtype=torch.float64)",
                    shows="layout",
                    why="torch has no order=; it fills in C order, so the shape is turned first.",
                ),
            ),
        ),
        parameters={
            "shape": "size",
            "dtype": "dtype",
            "order": "torch.zeros(shape[::-1]).T",
            "device": "device",
            "like": None,
        },
        source="numpy.zeros; torch.zeros",
    ),
    Op(
        "numpy.array",
        summary="Array from nested sequences, or a copy of an array.",
        inputs={"x": real(3, 4), "y": real(3, 4)},
        cases=(
            Case(
                "plain",
                numpy="np.array([1, 2, 3])",
                torch="torch.tensor([1, 2, 3])",
                trap=Trap(
                    "torch.Tensor([1, 2, 3])",
                    shows="dtype",
                    why="torch.Tensor is the class of float32 tensors and infers no dtype.",
                ),
            ),
            Case(
                "floats",
                numpy="np.array([[1, 2.5], [3, 4]])",
                torch="torch.tensor([[1, 2.5], [3, 4]], dtype=torch.float64)",
                trap=Trap(
                    "torch.tensor([[1, 2.5], [3, 4]])",
                    shows="dtype",
                    why="Python floats become float32 in torch and float64 in NumPy.",
                ),
            ),
            Case(
                "copy",
                numpy="np.array(x)",
                torch="x.clone()",
                trap=Trap(
                    "torch.tensor(x)",
                    shows="gradient",
                    why="torch.tensor copies the values of a tensor and cuts it off the graph.",
                ),
            ),
            Case(
                "copy-false",
                numpy="np.array(x, copy=False)",
                torch="torch.asarray(x, copy=False)",
                trap=Trap(
                    "x.clone()",
                    shows="aliasing",
                    why="copy=False hands out the memory of x, and clone() never does.",
                ),
            ),
            Case(
                "list-of-arrays",
                numpy="np.array([x, y])",
                torch="torch.stack([x, y])",
                trap=Trap(
                    "torch.tensor([x, y])",
                    shows="torch raises",
                    why="torch.tensor takes numbers from a list, not tensors of several elements.",
                ),
            ),
            Case(
                "order-F",
                numpy="np.array(x, order='F')",
                torch="x.T.clone(memory_format=torch.contiguous_format).T",
                layout=True,
                trap=Trap(
                    "x.clone()",
                    shows="layout",
                    why="clone() keeps the layout of x; torch has no argument for Fortran order.",
                ),
            ),
            Case(
                "ndmin",
                numpy="np.array([1, 2, 3], ndmin=2)",
                torch="torch.atleast_2d(torch.tensor([1, 2, 3]))",
            ),
        ),
        parameters={
            "object": "data",
            "dtype": "dtype",
            "copy": "torch.asarray(object, copy=copy)",
            "order": "x.T.clone(memory_format=torch.contiguous_format).T",
            "subok": None,
            "ndmin": "torch.atleast_2d(torch.tensor(object))",
            "ndmax": None,
            "like": None,
        },
        source="numpy.array; torch.tensor; torch.asarray",
    ),
    Op(
        "numpy.ascontiguousarray",
        summary="Array in C order: itself where it already is, else a copy.",
        inputs={"x": real(3, 4)},
        cases=(
            Case(
                "plain",
                numpy="np.ascontiguousarray(x)",
                torch="x.contiguous()",
                layout=True,
                trap=Trap(
                    "x.clone()",
                    shows="aliasing",
                    why="An array that is contiguous already is handed back, and clone() copies.",
                ),
            ),
            Case(
                "transposed",
                numpy="np.ascontiguousarray(x.T)",
                torch="x.T.contiguous()",
                layout=True,
                trap=Trap(
                    "x.T.clone()",
                    shows="layout",
                    why="clone() keeps the strides of a transposed tensor, so it stays so.",
                ),
            ),
            Case(
                "dtype",
                numpy="np.ascontiguousarray(x.T, dtype=np.float32)",
                torch="x.T.to(torch.float32).contiguous()",
                layout=True,
                trap=Trap(
                    "x.T.to(torch.float32)",
                    shows="layout",
                    why="A cast keeps the strides of a transposed tensor.",
                ),
            ),
        ),
        parameters={"a": "self", "dtype": "a.to(dtype).contiguous()", "like": None},
        differences=(
            Difference(
                "no-axes",
                probes=("0-d",),
                shows="shape",
                why="NumPy returns at least one axis; torch leaves a 0-d tensor 0-d.",
                instead="torch.atleast_1d(x).contiguous()",
            ),
        ),
        source="numpy.ascontiguousarray; torch.Tensor.contiguous",
    ),
    Op(
        "numpy.arange",
        summary="Evenly spaced values from a start up to, not including, a stop.",
        cases=(
            Case("plain", numpy="np.arange(0, 10, 2)", torch="torch.arange(0, 10, 2)"),
            Case("stop-only", numpy="np.arange(5)", torch="torch.arange(5)"),
            Case(
                "floats",
                numpy="np.arange(0.0, 1.0, 0.25)",
                torch="torch.arange(0.0, 1.0, 0.25, dtype=torch.float64)",
                trap=Trap(
                    "torch.arange(0.0, 1.0, 0.25)",
                    shows="dtype",
                    why="Python floats become float32 in torch and float64 in NumPy.",
                ),
            ),
            Case(
                "dtype",
                numpy="np.arange(5, dtype=np.float32)",
                torch="torch.arange(5, dtype=torch.float32)",
            ),
            Case(
                "backwards",
                numpy="np.arange(5, 0, step=-2)",
                torch="torch.arange(5, 0, step=-2)",
            ),
            Case(
                "stop-below-start",
                numpy="np.arange(5, 2)",
                torch="torch.arange(5, max(5, 2))",
                trap=Trap(
                    "torch.arange(5, 2)",
                    shows="torch raises",
                    why="NumPy returns an empty array where the step leads away from the stop.",
                ),
            ),
        ),
        parameters={
            "start_or_stop": "start",
            "stop": "end",
            "step": "step",
            "dtype": "dtype",
            "device": "device",
            "like": None,
        },
        source="numpy.arange; torch.arange",
    ),
    Op(
        "numpy.linspace",
        summary="Evenly spaced values, given how many.",
        cases=(
            Case(
                "plain",
                numpy="np.linspace(0, 1, 5)",
                torch="torch.linspace(0, 1, 5, dtype=torch.float64)",
                trap=Trap(
                    "torch.linspace(0, 1, 5)",
                    shows="dtype",
                    why="torch fills with its default dtype, float32; NumPy with float64.",
                ),
            ),
            Case(
                "num-default",
                numpy="np.linspace(0, 1)",
                torch="torch.linspace(0, 1, 50, dtype=torch.float64)",
                trap=Trap(
                    "torch.linspace(0, 1)",
                    shows="torch raises",
                    why="The number of steps is 50 by default in NumPy and required in torch.",
                ),
            ),
            Case(
                "endpoint",
                numpy="np.linspace(0, 1, num=5, endpoint=False)",
                torch="torch.linspace(0, 1, 5 + 1, dtype=torch.float64)[:-1]",
                trap=Trap(
                    "torch.linspace(0, 1, 5, dtype=torch.float64)",
                    shows="value",
                    why="torch always includes the end.",
                ),
            ),
            Case(
                "retstep",
                numpy="np.linspace(0, 1, 5, retstep=True)",
                torch="y = torch.linspace(0, 1, 5, dtype=torch.float64); (y, y[1] - y[0])",
            ),
            Case(
                "dtype-int",
                numpy="np.linspace(-3, 3, 5, dtype=int)",
                torch="y = -3 + 1.5 * torch.arange(5, dtype=torch.float64); y[-1] = 3;"
                " y.floor().long()",
                trap=Trap(
                    "torch.linspace(-3, 3, 5, dtype=torch.int64)",
                    shows="value",
                    why="NumPy rounds towards minus infinity, torch towards zero.",
                ),
            ),
            Case(
                "0-d-ends",
                numpy="np.linspace(x[0], x[1], 5)",
                torch="y = x[0] + torch.arange(5) * ((1.0 * x[1] - x[0]) / 4); y[-1] = x[1]; y",
                inputs={"x": real(2)},
                trap=Trap(
                    "torch.linspace(x[0], x[1], 5, dtype=x.dtype)",
                    shows="gradient",
                    why="torch.linspace takes 0-d tensors as ends and cuts them off the graph.",
                ),
            ),
            Case(
                "array-ends",
                numpy="np.linspace(x, y, 5)",
                torch="z = x + torch.arange(5)[:, None] * ((1.0 * y - x) / 4); z[-1] = y; z",
                inputs={"x": real(3), "y": real(3)},
                trap=Trap(
                    "torch.linspace(x, y, 5)",
                    shows="torch raises",
                    why="torch takes numbers and 0-d tensors as ends, and no others.",
                ),
            ),
        ),
        parameters={
            "start": "start",
            "stop": "end",
            "num": "steps",
            "endpoint": "torch.linspace(start, stop, num + 1)[:-1]",
            "retstep": "y[1] - y[0]",
            "dtype": "dtype",
            "axis": "torch.movedim(y, 0, axis)",
            "device": "device",
        },
        differences=(
            Difference(
                "no-axes",
                cases=("array-ends",),
                probes=("0-d",),
                shows="shape",
                why="The axis of length one is for those of the ends; 0-d ends have none, and the "
                "axis stays.",
                instead="z = x + torch.arange(5) * ((1.0 * y - x) / 4); z[-1] = y; z",
            ),
        ),
        source="numpy.linspace; torch.linspace; torch.arange",
    ),
    Op(
        "numpy.meshgrid",
        summary="Coordinate grids from coordinate vectors.",
        inputs={"x": real(3), "y": real(4)},
        cases=(
            Case(
                "plain",
                numpy="np.meshgrid(x, y)",
                torch="[g.clone() for g in torch.meshgrid(x, y, indexing='xy')]",
                trap=Trap(
                    "torch.meshgrid(x, y)",
                    shows="shape",
                    why="torch's indexing is 'ij' by default, NumPy's 'xy'.",
                ),
            ),
            Case(
                "indexing-ij",
                numpy="np.meshgrid(x, y, indexing='ij')",
                torch="[g.clone() for g in torch.meshgrid(x, y, indexing='ij')]",
                trap=Trap(
                    "torch.meshgrid(x, y, indexing='ij')",
                    shows="aliasing",
                    why="torch returns views in which a whole row or column is one element of the"
                    " input; NumPy returns copies.",
                ),
            ),
            Case(
                "sparse",
                numpy="np.meshgrid(x, y, sparse=True)",
                torch="[x[None, :].clone(), y[:, None].clone()]",
                trap=Trap(
                    "torch.meshgrid(x, y, indexing='xy')",
                    shows="shape",
                    why="torch has no sparse=; its grids are always full.",
                ),
            ),
            Case(
                "mixed-dtypes",
                numpy="np.meshgrid(x, n)",
                torch="[x.repeat(len(n), 1), n[:, None].repeat(1, len(x))]",
                inputs={"x": real(3), "n": values((3, 1, 4, 2), "int64")},
                trap=Trap(
                    "torch.meshgrid(x, n, indexing='xy')",
                    shows="torch raises",
                    why="torch wants one dtype throughout; NumPy keeps that of each vector.",
                ),
            ),
        ),
        parameters={
            "xi": "tensors",
            "copy": "[g.clone() for g in torch.meshgrid(x, y, indexing='xy')]",
            "sparse": "[x[None, :], y[:, None]]",
            "indexing": "indexing",
        },
        source="numpy.meshgrid; torch.meshgrid",
    ),
)
