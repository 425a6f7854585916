"""The classes of torch.nn that no pair holds, each with the reason."""

_LAZY = "Becomes the class without Lazy at its first forward: the same layer from then on."
_HOLDER = "Holds modules or parameters, and computes nothing."
_BASE = "A base class: what derives from it has a pair."

LEFT_OUT: dict[str, str] = {
    "AdaptiveLogSoftmaxWithLoss": "A small network of Linear and LogSoftmax for each cluster of "
    "classes, with a loss: each of its parts has a pair.",
    "Buffer": _HOLDER,
    "CTCLoss": "A recursion over all alignments of two sequences, in C++: no formula whose "
    "backward could be read beside it.",
    "Container": _HOLDER,
    "CrossMapLRN2d": "Kept for old models: another normalisation than LocalResponseNorm, which is "
    "documented and has a pair.",
    "DataParallel": "Runs a module on several devices: the module is what has a pair.",
    "FractionalMaxPool2d": "Its regions are drawn by a scheme of its own that is described nowhere "
    "but in its source.",
    "FractionalMaxPool3d": "Its regions are drawn by a scheme of its own that is described nowhere "
    "but in its source.",
    "LazyBatchNorm1d": _LAZY,
    "LazyBatchNorm2d": _LAZY,
    "LazyBatchNorm3d": _LAZY,
    "LazyConv1d": _LAZY,
    "LazyConv2d": _LAZY,
    "LazyConv3d": _LAZY,
    "LazyConvTranspose1d": _LAZY,
    "LazyConvTranspose2d": _LAZY,
    "LazyConvTranspose3d": _LAZY,
    "LazyInstanceNorm1d": _LAZY,
    "LazyInstanceNorm2d": _LAZY,
    "LazyInstanceNorm3d": _LAZY,
    "LazyLinear": _LAZY,
    "LinearCrossEntropyOptions": "Holds LinearCrossEntropyLoss's options, and computes nothing.",
    "Module": _BASE,
    "ModuleDict": _HOLDER,
    "ModuleList": _HOLDER,
    "NLLLoss2d": "Another name of NLLLoss, which torch deprecates.",
    "Parameter": _HOLDER,
    "ParameterDict": _HOLDER,
    "ParameterList": _HOLDER,
    "RNNBase": _BASE,
    "RNNCellBase": _BASE,
    "SyncBatchNorm": "Batch normalisation over several processes; in one process it is BatchNorm.",
    "UninitializedBuffer": _HOLDER,
    "UninitializedParameter": _HOLDER,
}
