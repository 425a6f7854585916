"""The pairs of what is made of other layers."""

from equiv.entry import LayerCase, LayerPair, real

PAIRS: tuple[LayerPair, ...] = (
    LayerPair(
        "numpy_layers.Sequential",
        summary="Layers one after the other; states are named by place.",
        inputs={"x": real(5, 4)},
        cases=(
            LayerCase(
                "perceptron",
                numpy="Sequential(Linear(4, 6), Tanh(), Linear(6, 3))",
                twin="torch.nn.Sequential("
                "torch.nn.Linear(4, 6), torch.nn.Tanh(), torch.nn.Linear(6, 3))",
            ),
            LayerCase(
                "with-buffers-and-draws",
                numpy="Sequential(Conv1d(4, 6, 3, bias=False), BatchNorm1d(6), Dropout(0.4), "
                "Flatten())",
                twin="torch.nn.Sequential(torch.nn.Conv1d(4, 6, 3, bias=False), "
                "torch.nn.BatchNorm1d(6), torch.nn.Dropout(0.4), torch.nn.Flatten())",
                inputs={"x": real(3, 4, 7)},
            ),
            LayerCase(
                "in-itself",
                numpy="Sequential(Sequential(Linear(4, 4), Sigmoid()), LayerNorm(4))",
                twin="torch.nn.Sequential(torch.nn.Sequential("
                "torch.nn.Linear(4, 4), torch.nn.Sigmoid()), torch.nn.LayerNorm(4))",
            ),
        ),
        source="torch.nn.Sequential",
    ),
    LayerPair(
        "numpy_layers.Residual",
        summary="A layer's output added to its input.",
        inputs={"x": real(5, 4)},
        cases=(
            LayerCase("plain", numpy="Residual(Tanh())", torch="x + torch.tanh(x)"),
            LayerCase(
                "of-layers",
                numpy="Residual(Sequential(Tanh(), Softmax(1)))",
                torch="x + torch.softmax(torch.tanh(x), dim=1)",
            ),
        ),
        source="He et al., Deep residual learning for image recognition, 2016",
    ),
)
