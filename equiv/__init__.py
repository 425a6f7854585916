"""Run NumPy code and its PyTorch counterpart on identical inputs and say whether they agree."""
