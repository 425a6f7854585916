"""Sets: the distinct elements of an array."""

from math import nan

from equiv.entry import EVERY, Case, Difference, Op, Trap, boolean, integers, real, values

OPS: tuple[Op, ...] = (
    Op(
        "numpy.unique",
        summary="Sorted distinct elements, with their first places, inverse and counts.",
        inputs={"n": integers(0, 5, (3, 4)), "r": integers(0, 2, (6, 2))},
        cases=(
            Case("plain", numpy="np.unique(n)", torch="torch.unique(n)"),
            Case(
                "reals",
                numpy="np.unique(x)",
                torch="torch.unique(x)",
                inputs={"x": real(3, 4)},
                unprobed={
                    "signed zeros": "Which of 0.0 and -0.0 is kept is left to NumPy's sort, which "
                    "is not stable."
                },
            ),
            Case(
                "inverse-and-counts",
                numpy="np.unique(n, return_inverse=True, return_counts=True)",
                torch="torch.unique(n, return_inverse=True, return_counts=True)",
            ),
            Case(
                "rows",
                numpy="np.unique(r, return_counts=True, axis=0)",
                torch="torch.unique(r, return_counts=True, dim=0)",
            ),
            Case(
                "index",
                numpy="np.unique(n, return_index=True)",
                torch=(
                    "u, i = torch.unique(n.flatten(), return_inverse=True); "
                    "(u, torch.full(u.shape, len(i))"
                    ".scatter_reduce(0, i, torch.arange(len(i)), 'amin'))"
                ),
                trap=Trap(
                    "torch.unique(n, True)",
                    shows="structure",
                    why="torch's second argument is sorted; it has none for first places.",
                ),
            ),
            Case(
                "nan",
                numpy="np.unique(x)",
                torch="torch.cat((torch.unique(x[~x.isnan()]), x[x.isnan()][:1]))",
                inputs={"x": values([2.0, nan, -1.0, nan, 2.0])},
                no_gradient=(
                    "The result's size jumps where equal elements part, and torch.unique has no "
                    "derivative."
                ),
                trap=Trap(
                    "torch.unique(x)",
                    shows="shape",
                    why="torch keeps every NaN, for no NaN equals another; NumPy keeps one.",
                ),
            ),
        ),
        parameters={
            "ar": "input",
            "return_index": None,
            "return_inverse": "return_inverse",
            "return_counts": "return_counts",
            "axis": "dim",
            "equal_nan": None,
            "sorted": "sorted",
        },
        differences=(
            Difference(
                "no-derivative",
                cases=("reals",),
                probes=EVERY,
                shows="gradient",
                why="Where all elements differ, their sorted order has a derivative; torch.unique "
                "has none: backward raises.",
                instead="torch.sort(x.flatten()).values where no two elements are equal.",
            ),
            Difference(
                "nan",
                cases=("reals",),
                probes=("nan", "all nan"),
                shows="shape",
                why="torch keeps every NaN, for no NaN equals another; NumPy keeps one.",
                instead="torch.cat((torch.unique(x[~x.isnan()]), x[x.isnan()][:1]))",
            ),
            Difference(
                "no-columns",
                cases=("rows",),
                probes=("empty across",),
                shows="torch raises",
                why="torch refuses rows without elements; in NumPy they all are one row.",
                instead="(r[:1], torch.tensor([len(r)])) where r has no columns.",
            ),
        ),
        source="numpy.unique; torch.unique",
    ),
    Op(
        "numpy.isin",
        summary="Whether each element is among the test elements.",
        inputs={
            "n": integers(0, 5, (3, 4)),
            "t": values([1, 3], dtype="int64"),
            "m": boolean(3, 4),
        },
        cases=(
            Case(
                "plain",
                numpy="np.isin(n, t)",
                torch="torch.isin(n, t)",
            ),
            Case(
                "list",
                numpy="np.isin(n, [1, 3])",
                torch="torch.isin(n, torch.tensor([1, 3]))",
                trap=Trap(
                    "torch.isin(n, [1, 3])",
                    shows="torch raises",
                    why="torch takes a tensor or one number; NumPy takes a list.",
                ),
            ),
            Case(
                "invert",
                numpy="np.isin(n, t, invert=True)",
                torch="torch.isin(n, t, invert=True)",
                trap=Trap(
                    "torch.isin(n, t, True)",
                    shows="torch raises",
                    why="invert goes by name only in torch.",
                ),
            ),
            Case(
                "number-in-float32",
                numpy="np.isin(x, 0.1)",
                torch="torch.isin(x.double(), 0.1)",
                inputs={"x": values([0.1, 0.5], dtype="float32")},
                trap=Trap(
                    "torch.isin(x, 0.1)",
                    shows="value",
                    why=(
                        "torch rounds the number to the tensor's dtype, where it is found; "
                        "NumPy takes it as float64, which no float32 equals."
                    ),
                ),
            ),
            Case(
                "booleans",
                numpy="np.isin(m, [True])",
                torch="torch.isin(m.int(), 1)",
                trap=Trap(
                    "torch.isin(m, True)",
                    shows="torch raises",
                    why="torch.isin has no booleans.",
                ),
            ),
        ),
        parameters={
            "element": "elements",
            "test_elements": "test_elements",
            "assume_unique": "assume_unique",
            "invert": "invert",
            "kind": None,
        },
        source="numpy.isin; torch.isin",
    ),
)
