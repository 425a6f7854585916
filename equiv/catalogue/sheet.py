"""The sheet, row by row: every pair of spellings that it puts side by side, as written there."""

from equiv.entry import Claim, Row, per_rank, real

ROWS: tuple[Row, ...] = (
    Row(
        "Statistics - Std Dev",
        summary="Standard deviation",
        claims=(
            Claim(
                numpy="np.std(arr)",
                torch="torch.std(tensor)",
                op="numpy.std",
                bind={"arr/tensor": per_rank(real(6), real(3, 4), real(2, 3, 4))},
                holds=False,
                shows="value",
                why="NumPy divides by n, torch by n - 1 unless correction=0.",
            ),
        ),
    ),
)
