"""The pairs of the sheet's four layers, and what was repaired in them."""

from equiv.entry import (
    Difference,
    LayerCase,
    LayerPair,
    Repair,
    Trap,
    integers,
    real,
    unit,
    values,
)

INF = float("inf")
NAN = float("nan")

PAIRS: tuple[LayerPair, ...] = (
    LayerPair(
        "numpy_layers.sheet.Sigmoid",
        summary="1 / (1 + exp(-x)), element by element.",
        cases=(
            LayerCase(
                "plain", numpy="Sigmoid()", twin="torch.nn.Sigmoid()", inputs={"x": real(3, 4)}
            ),
            LayerCase(
                "saturated",
                numpy="Sigmoid()",
                twin="torch.nn.Sigmoid()",
                inputs={"x": values([-1000.0, -600.0, -40.0, 0.0, 40.0, 1000.0])},
            ),
            LayerCase(
                "not-finite",
                numpy="Sigmoid()",
                twin="torch.nn.Sigmoid()",
                inputs={"x": values([NAN, INF, -INF, 1.0])},
            ),
            LayerCase(
                "batch-of-none",
                numpy="Sigmoid()",
                twin="torch.nn.Sigmoid()",
                inputs={"x": real(0, 4)},
            ),
        ),
        repairs=(
            Repair(
                was="The clip at 500 held sigmoid(-600) at 7e-218, and its gradient with it.",
                now="sigmoid(-600) is 2.65e-261, and at -1000 both sides give 0.",
            ),
            Repair(
                was="In float32 exp overflowed below -88 in spite of the clip, with a warning.",
                now="exp is taken of -abs(x), which cannot overflow.",
            ),
        ),
        source="the sheet; torch.nn.Sigmoid",
    ),
    LayerPair(
        "numpy_layers.sheet.Softmax",
        summary="exp(x) over its sum along one axis.",
        cases=(
            LayerCase(
                "rows",
                numpy="Softmax()",
                twin="torch.nn.Softmax(dim=1)",
                inputs={"x": real(3, 4)},
                backwards=("backward", "backward_vectorized"),
            ),
            LayerCase(
                "square",
                numpy="Softmax()",
                twin="torch.nn.Softmax(dim=1)",
                inputs={"x": real(4, 4)},
                backwards=("backward", "backward_vectorized"),
            ),
            LayerCase(
                "axis",
                numpy="Softmax(axis=-1)",
                twin="torch.nn.Softmax(dim=-1)",
                inputs={"x": real(2, 3, 4)},
                backwards=("backward", "backward_vectorized"),
            ),
            LayerCase(
                "large",
                numpy="Softmax()",
                twin="torch.nn.Softmax(dim=1)",
                inputs={"x": values([[1000.0, 1000.0, -1000.0], [-3e4, 0.0, 10.0]])},
                backwards=("backward", "backward_vectorized"),
            ),
            LayerCase(
                "not-finite",
                numpy="Softmax()",
                twin="torch.nn.Softmax(dim=1)",
                inputs={
                    "x": values(
                        [
                            [1.0, INF, 2.0],
                            [NAN, 0.0, 1.0],
                            [-INF, -INF, -INF],
                            [-INF, 0.0, 1.0],
                        ]
                    )
                },
                backwards=("backward", "backward_vectorized"),
            ),
            LayerCase(
                "one-row",
                numpy="Softmax()",
                twin="torch.nn.Softmax(dim=1)",
                inputs={"x": real(1, 4)},
                backwards=("backward", "backward_vectorized"),
            ),
            LayerCase(
                "batch-of-none",
                numpy="Softmax()",
                twin="torch.nn.Softmax(dim=1)",
                inputs={"x": real(0, 4)},
                backwards=("backward", "backward_vectorized"),
            ),
        ),
        repairs=(
            Repair(
                was="It knew axis 1 only, and its loop backward two dimensions only.",
                now="axis= takes any axis of any rank; both backwards run over all slices.",
            ),
            Repair(
                was="Rows that hold +inf, or nothing but -inf, warned.",
                now="They are NaN, as in torch, without a warning.",
            ),
            Repair(
                was="A cotangent of another shape was broadcast by backward_vectorized.",
                now="It is refused with both shapes.",
            ),
        ),
        source="the sheet; torch.nn.Softmax",
    ),
    LayerPair(
        "numpy_layers.sheet.CrossEntropyLoss",
        summary="Mean of -log of the probability that was given to the target.",
        cases=(
            LayerCase(
                "indices",
                numpy="CrossEntropyLoss()",
                torch="torch.nn.functional.nll_loss(torch.log(predictions), targets)",
                inputs={"predictions": unit(5, 3), "targets": integers(0, 3, (5,))},
                wrt=("predictions",),
                trap=Trap(
                    "torch.nn.functional.cross_entropy(predictions, targets)",
                    shows="value",
                    why="torch's cross entropy takes logits and applies log_softmax itself; the "
                    "sheet's takes probabilities.",
                ),
            ),
            LayerCase(
                "one-hot",
                numpy="CrossEntropyLoss()",
                torch="-(targets * torch.log(predictions)).sum(dim=1).mean()",
                inputs={
                    "predictions": unit(4, 3),
                    "targets": values([[0.0, 1, 0], [1, 0, 0], [0, 0, 1], [0, 1, 0]]),
                },
                wrt=("predictions",),
            ),
            LayerCase(
                "at-the-clip",
                numpy="CrossEntropyLoss()",
                torch="torch.nn.functional.nll_loss("
                "torch.log(torch.clamp(predictions, 1e-12, 1 - 1e-12)), targets)",
                inputs={
                    "predictions": values([[0.0, 1.0, 0.0], [1.0, 0.0, 0.0], [0.2, 0.3, 0.5]]),
                    "targets": values([0, 0, 1], dtype="int64"),
                },
                wrt=("predictions",),
            ),
            LayerCase(
                "one-row",
                numpy="CrossEntropyLoss()",
                torch="torch.nn.functional.nll_loss(torch.log(predictions), targets)",
                inputs={"predictions": unit(1, 3), "targets": values([2], dtype="int64")},
                wrt=("predictions",),
            ),
            LayerCase(
                "batch-of-none",
                numpy="CrossEntropyLoss()",
                torch="torch.nn.functional.nll_loss(torch.log(predictions), targets)",
                inputs={"predictions": unit(0, 3), "targets": integers(0, 3, (0,))},
                wrt=("predictions",),
            ),
        ),
        differences=(
            Difference(
                "gradient-of-the-clip",
                cases=("at-the-clip",),
                probes=(
                    "float64",
                    "float32",
                    "second call",
                    "transposed",
                    "eval",
                    "batch of one",
                ),
                shows="gradient",
                why="The sheet divides by the clipped probability and takes that for the "
                "gradient; autograd through clamp gives 0 outside the bounds. In float32 the "
                "upper bound, 1 - 1e-12, is 1, so only the lower one is met.",
                instead="Kept as the sheet has it: at 0 it still pulls, by 1e12 over the batch.",
            ),
        ),
        repairs=(
            Repair(
                was="One-hot rows were float64, and made float32 predictions come out float64.",
                now="Loss and gradient have the dtype of the predictions.",
            ),
            Repair(
                was="A target of -1 meant the last class, one past the last an IndexError.",
                now="Both are refused with the index and the range.",
            ),
            Repair(
                was="Targets of shape (1,) or (1, C) were broadcast, and divided by the wrong "
                "number of rows.",
                now="Only (N,) and (N, C) are taken.",
            ),
            Repair(
                was="Boolean targets acted as a mask.",
                now="Indices must be integers.",
            ),
            Repair(
                was="backward took no cotangent.",
                now="backward(grad_in=1.0) multiplies by it.",
            ),
        ),
        source="the sheet; torch.nn.functional.nll_loss; torch.clamp",
    ),
    LayerPair(
        "numpy_layers.sheet.Linear",
        summary="x W + b over the last axis; torch keeps the weight transposed.",
        cases=(
            LayerCase(
                "plain",
                numpy="Linear(4, 3)",
                twin="torch.nn.Linear(4, 3)",
                inputs={"x": real(5, 4)},
            ),
            LayerCase(
                "square",
                numpy="Linear(4, 4)",
                twin="torch.nn.Linear(4, 4)",
                inputs={"x": real(4, 4)},
            ),
            LayerCase(
                "leading-axes",
                numpy="Linear(4, 3)",
                twin="torch.nn.Linear(4, 3)",
                inputs={"x": real(2, 5, 4)},
            ),
            LayerCase(
                "vector",
                numpy="Linear(4, 3)",
                twin="torch.nn.Linear(4, 3)",
                inputs={"x": real(4)},
            ),
            LayerCase(
                "one-row",
                numpy="Linear(4, 3)",
                twin="torch.nn.Linear(4, 3)",
                inputs={"x": real(1, 4)},
            ),
            LayerCase(
                "batch-of-none",
                numpy="Linear(4, 3)",
                twin="torch.nn.Linear(4, 3)",
                inputs={"x": real(0, 4)},
            ),
        ),
        repairs=(
            Repair(
                was="The float64 parameters made float32 inputs come out float64.",
                now="Results have the dtype of x.",
            ),
            Repair(
                was="backward took two dimensions only; a vector gave wrong gradients silently.",
                now="Any number of leading axes, none included; gradients are summed over them.",
            ),
            Repair(
                was="A last axis of another size got matmul's own error.",
                now="A ValueError names the layer, the size expected and the shape found.",
            ),
        ),
        source="the sheet; torch.nn.Linear",
    ),
)
