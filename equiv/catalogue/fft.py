"""Fourier transforms."""

from equiv.entry import Case, Op, Trap, complex_normal, real, values

OPS: tuple[Op, ...] = (
    Op(
        "numpy.fft.fft",
        summary="Discrete Fourier transform along an axis.",
        inputs={"x": real(3, 5)},
        cases=(
            Case(
                "plain",
                numpy="np.fft.fft(x)",
                torch="torch.fft.fft(x)",
                trap=Trap(
                    "torch.fft(x)",
                    shows="torch raises",
                    why="torch.fft is a module; the function of that name is removed.",
                ),
            ),
            Case("n", numpy="np.fft.fft(x, n=8)", torch="torch.fft.fft(x, n=8)"),
            Case("axis", numpy="np.fft.fft(x, axis=0)", torch="torch.fft.fft(x, dim=0)"),
            Case(
                "norm",
                numpy="np.fft.fft(x, norm='ortho')",
                torch="torch.fft.fft(x, norm='ortho')",
            ),
            Case(
                "complex",
                numpy="np.fft.fft(z)",
                torch="torch.fft.fft(z)",
                inputs={"z": complex_normal(5)},
            ),
            Case(
                "integers",
                numpy="np.fft.fft(n)",
                torch="torch.fft.fft(n.to(torch.float64))",
                inputs={"n": values([[3, -1, 4, 1, -5], [2, 7, -1, 8, 0]], dtype="int64")},
                trap=Trap(
                    "torch.fft.fft(n)",
                    shows="dtype",
                    why="torch computes integers in its default dtype and returns complex64; "
                    "NumPy returns complex128.",
                ),
            ),
        ),
        parameters={"a": "input", "n": "n", "axis": "dim", "norm": "norm", "out": "out"},
        source="numpy.fft.fft; torch.fft.fft",
    ),
)
