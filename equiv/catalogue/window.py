"""Windows: weights that taper a signal to its ends."""

from equiv.entry import Case, Op, Trap, real

OPS: tuple[Op, ...] = (
    Op(
        "numpy.hanning",
        summary="The Hann window, zero at both ends.",
        inputs={"x": real(8)},
        cases=(
            Case(
                "plain",
                numpy="np.hanning(5)",
                torch="torch.hann_window(5, periodic=False, dtype=torch.float64)",
                trap=Trap(
                    "torch.hann_window(5, dtype=torch.float64)",
                    shows="value",
                    why=(
                        "torch's window is periodic unless told otherwise, without its "
                        "last zero; NumPy's is symmetric."
                    ),
                ),
            ),
            Case(
                "applied",
                numpy="x * np.hanning(8)",
                torch="x * torch.hann_window(8, periodic=False, dtype=torch.float64)",
                trap=Trap(
                    "x * torch.hann_window(8, periodic=False)",
                    shows="value",
                    why=(
                        "torch's window is float32, and its product with a float64 signal "
                        "keeps float32's error."
                    ),
                ),
            ),
            Case(
                "periodic",
                numpy="np.hanning(8 + 1)[:-1]",
                torch="torch.hann_window(8, dtype=torch.float64)",
                trap=Trap(
                    "torch.hann_window(8)",
                    shows="dtype",
                    why="torch's window is in its default dtype, float32; NumPy's is float64.",
                ),
            ),
        ),
        parameters={"M": "window_length"},
        source="numpy.hanning; torch.hann_window",
    ),
)
