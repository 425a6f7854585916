"""Statistics: means, spreads, percentiles and histograms."""

from equiv.entry import Case, Op, Trap, real

OPS: tuple[Op, ...] = (
    Op(
        "numpy.std",
        summary="Standard deviation along an axis.",
        inputs={"x": real(3, 4)},
        cases=(
            Case(
                "plain",
                numpy="np.std(x)",
                torch="torch.std(x, correction=0)",
                trap=Trap(
                    "torch.std(x)",
                    shows="value",
                    why="torch divides by n - 1 unless correction=0; NumPy divides by n.",
                ),
            ),
            Case(
                "axis",
                numpy="np.std(x, axis=1, keepdims=True)",
                torch="torch.std(x, dim=1, keepdim=True, correction=0)",
            ),
            Case("ddof1", numpy="np.std(x, axis=0, ddof=1)", torch="torch.std(x, dim=0)"),
        ),
        parameters={
            "a": "input",
            "axis": "dim",
            "dtype": None,
            "out": "out",
            "ddof": "correction",
            "keepdims": "keepdim",
            "where": None,
            "mean": None,
            "correction": "correction",
        },
        source="numpy.std; torch.std",
    ),
)
