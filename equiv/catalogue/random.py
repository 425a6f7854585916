"""Random numbers: compared as distributions, never draw by draw."""

from equiv.entry import Case, Op, Trap, real

OPS: tuple[Op, ...] = (
    Op(
        "numpy.random.rand",
        summary="Uniform draws from [0, 1) in a given shape.",
        inputs={"x": real(3, 4)},
        cases=(
            Case(
                "plain",
                numpy="np.random.rand(3, 4)",
                torch="torch.rand(3, 4, dtype=torch.float64)",
                equal="as a distribution",
                trap=Trap(
                    "torch.rand(3, 4)",
                    shows="dtype",
                    why="torch draws in its default dtype, float32; NumPy draws float64.",
                ),
            ),
            Case(
                "scalar",
                numpy="np.random.rand()",
                torch="torch.rand((), dtype=torch.float64).item()",
                equal="as a distribution",
                trap=Trap(
                    "torch.rand()",
                    shows="torch raises",
                    why="torch needs a size, () for a single draw; NumPy returns a Python float.",
                ),
            ),
            Case(
                "shape-of",
                numpy="np.random.rand(*x.shape)",
                torch="torch.rand(x.shape, dtype=torch.float64)",
                equal="as a distribution",
                trap=Trap(
                    "torch.rand_like(x)",
                    shows="dtype",
                    under="float32",
                    why="torch.rand_like draws in the dtype of x; NumPy always draws float64.",
                ),
            ),
            Case(
                "float32",
                numpy="np.random.rand(3, 4).astype(np.float32)",
                torch="torch.rand(3, 4)",
                equal="as a distribution",
            ),
            Case(
                "centred",
                numpy="2 * np.random.rand(3, 4) - 1",
                torch="2 * torch.rand(3, 4, dtype=torch.float64) - 1",
                equal="as a distribution",
                trap=Trap(
                    "torch.randn(3, 4, dtype=torch.float64)",
                    shows="value",
                    why="torch.randn draws from the normal distribution; torch.rand is uniform.",
                ),
            ),
        ),
        parameters={"args": "size"},
        source="numpy.random.rand; torch.rand; torch.rand_like",
    ),
)
