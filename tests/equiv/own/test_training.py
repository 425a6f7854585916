"""Trainings: right pairs agree to the last step, planted faults are named where they start."""

import itertools
import json
import re
from functools import partial

import numpy as np
import pytest
import torch

import numpy_layers
from equiv.entry import EquivError
from equiv.own.result import NotEquivalent
from equiv.own.sides import train_function, train_layers, train_module
from equiv.own.trained import LIMIT
from equiv.own.training import assert_equivalent_training, check_training
from numpy_layers import optim, sheet

F = torch.nn.functional
D, H, C, N = 6, 16, 3, 32

OPTIMISERS = {
    "sgd": ("SGD", {"lr": 0.1}),
    "momentum": ("SGD", {"lr": 0.05, "momentum": 0.9, "weight_decay": 1e-3}),
    "nesterov": ("SGD", {"lr": 0.05, "momentum": 0.9, "nesterov": True}),
    "adam": ("Adam", {"lr": 0.01}),
    "decayed adam": ("Adam", {"lr": 0.01, "weight_decay": 0.01}),
    "adamw": ("AdamW", {"lr": 0.01, "weight_decay": 0.01}),
}
NAMES = {
    "fc1.weight": ("W1", np.transpose),
    "fc1.bias": "b1",
    "fc2.weight": ("W2", np.transpose),
    "fc2.bias": "b2",
}


class Net(torch.nn.Module):
    """Two linear layers with an activation between them."""

    def __init__(self, activation, seed=0):
        super().__init__()
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            self.fc1, self.fc2 = torch.nn.Linear(D, H), torch.nn.Linear(H, C)
        self.activation = activation

    def forward(self, x):
        """Return logits."""
        return self.fc2(self.activation(self.fc1(x)))


def network(activation="relu", fault=""):
    """Return the same by hand: parameters, inputs and targets to loss and gradients."""
    matmul = partial(np.einsum, "ij,jk->ik") if fault == "einsum" else np.matmul

    def hand_written(p, x, t):
        rows, n = np.arange(len(x)), len(x)
        z = matmul(x, p["W1"]) + p["b1"]  # (N, H)
        h = np.tanh(z) if activation == "tanh" else np.maximum(z, 0)
        logits = matmul(h, p["W2"]) + p["b2"]  # (N, C)
        shifted = logits - logits.max(axis=1, keepdims=True)
        e = np.exp(shifted)
        loss = np.mean(np.log(e.sum(axis=1)) - shifted[rows, t])
        ds = e / e.sum(axis=1, keepdims=True)
        ds[rows, t] -= 1
        if fault != "no 1/N":
            ds /= n
        if fault == "twice":
            ds *= 2
        dh = matmul(ds, p["W2"].T)
        mask = z >= 0 if fault == ">=" else z > 0
        dz = dh * (1 - h * h) if activation == "tanh" else dh * mask
        db1 = dz[::-1].cumsum(axis=0)[-1] if fault == "einsum" else dz.sum(axis=0)
        if fault == "mean":
            db1 = dz.mean(axis=0)
        if fault == "loss":
            loss = loss * x.dtype.type(1.001)
        grads = {"W1": matmul(x.T, dz), "b1": db1, "W2": matmul(h.T, ds), "b2": ds.sum(axis=0)}
        return loss, grads

    return hand_written


def draw(steps, n=N, seed=0):
    """Return batches of inputs and classes that can be learned, with noise."""
    rng = np.random.default_rng(seed)
    weights = rng.normal(size=(D, C))
    inputs = [rng.normal(size=(n, D)) for _ in range(steps)]
    return [(x, (x @ weights + rng.normal(size=(n, C))).argmax(axis=1)) for x in inputs]


def trained(
    optimiser="sgd",
    *,
    steps=500,
    activation="relu",
    fault="",
    ours=None,
    n=N,
    at=0,
    check=check_training,
    **options,
):
    """Check the hand-written network against the module, with a fault or another optimiser."""
    name, settings = OPTIMISERS[optimiser] if isinstance(optimiser, str) else optimiser
    net = Net(torch.tanh if activation == "tanh" else torch.relu, at)
    mover = partial(ours or getattr(optim, name), **settings)
    return check(
        train_function(network(activation, fault), mover),
        train_module(net, F.cross_entropy, partial(getattr(torch.optim, name), **settings)),
        net.state_dict(),
        draw(steps, n, at),
        names=NAMES,
        **options,
    )


def largest(found):
    """Return the largest ratio of all tensors and steps that can be told."""
    return np.nanmax(list(found.ratios.values()))


every_dtype = pytest.mark.parametrize("dtype", ["float32", "float64"])


# --- right pairs ----------------------------------------------------------------------------


@every_dtype
@pytest.mark.parametrize("optimiser", OPTIMISERS)
def test_a_right_pair_agrees_for_500_steps(optimiser, dtype):
    """Half the limit is not reached, whatever the optimiser."""
    activation = "relu" if optimiser in ("momentum", "adam") else "tanh"
    found = trained(optimiser, dtype=dtype, activation=activation)
    assert found
    assert (found.step, found.tensor, found.parted, found.gradient) == (0, "", None, None)
    assert found.told == found.steps == 500
    assert largest(found) < LIMIT / 2


@every_dtype
def test_another_order_of_summation_is_no_fault(dtype):
    """einsum for matmul and a sum from the other end differ by rounding alone."""
    found = trained("momentum", dtype=dtype, fault="einsum")
    assert found.agrees
    assert found.told == 500
    assert largest(found) < LIMIT / 2


@every_dtype
def test_a_mask_that_keeps_zero_is_no_fault_without_kinks(dtype):
    """No preactivation is exactly 0, so both masks are one."""
    assert trained(dtype=dtype, fault=">=", steps=100)


def test_rounding_that_is_not_random_is_explained():
    """A dead network sums 2048 equal terms in float64: the moved runs round like the first.

    The run in float32 tells what is lost on the way.
    """
    dead = {"W1": np.zeros((D, H)), "b1": np.full(H, -1.0), "W2": np.ones((H, C)) / 3}
    back = {
        "W1": ("fc1.weight", np.transpose),
        "b1": "fc1.bias",
        "W2": ("fc2.weight", np.transpose),
        "b2": "fc2.bias",
    }
    found = check_training(
        train_function(network(), partial(optim.SGD, lr=0.3)),
        train_module(Net(torch.relu), F.cross_entropy, partial(torch.optim.SGD, lr=0.3)),
        dead | {"b2": np.array([0.1, 0.2, -0.3])},
        draw(20, 2048),
        names=back,
        dtype="float64",
    )
    assert found
    assert largest(found) < LIMIT / 2


def test_both_loss_curves_are_kept():
    """They start at the loss of the start, and fall."""
    found = trained(steps=60, dtype="float64")
    net, (x, t) = Net(torch.relu).double(), draw(60)[0]
    start = F.cross_entropy(net(torch.tensor(x)), torch.tensor(t)).item()
    assert found.torch_loss[0] == pytest.approx(start, rel=1e-12)
    np.testing.assert_allclose(found.numpy_loss, found.torch_loss, rtol=1e-12)
    assert found.numpy_loss[-10:].mean() < start


def test_there_is_a_ratio_for_every_tensor_and_step():
    """Difference over what rounding explains, by the names of params."""
    found = trained(steps=7)
    assert found.ratios.keys() == {"loss", *NAMES}
    assert all(ratios.shape == (7,) for ratios in found.ratios.values())


def test_agreement_is_told_in_a_few_lines():
    """How long, how near, and the losses."""
    found = trained(steps=7)
    first, near, losses = found.text.splitlines()
    assert first == "hand_written and Net agree in 7 steps of training in float32"
    assert re.fullmatch(r"  farthest apart is .*, by .* times what .*; 16 times is allowed", near)
    assert losses.startswith("  loss: numpy's goes from 1.")
    assert repr(found) == f"<Training: {first}>"


def test_a_check_gives_the_same_twice():
    """Moves and runs are seeded."""
    one, other = trained("adam", steps=30), trained("adam", steps=30)
    assert str(one) == str(other)
    for name, ratios in one.ratios.items():
        np.testing.assert_array_equal(ratios, other.ratios[name])


# --- faults ---------------------------------------------------------------------------------


@every_dtype
@pytest.mark.parametrize("optimiser", ["sgd", "momentum", "nesterov"])
def test_a_mean_for_a_sum_is_named(optimiser, dtype):
    """It parts on that bias at the first step, and its gradient says why."""
    found = trained(optimiser, steps=20, dtype=dtype, fault="mean")
    assert not found
    assert (found.step, found.tensor, found.also) == (1, "fc1.bias", ())
    assert found.parted.ratio > 100 * LIMIT
    assert "part on fc1.bias at step 1 of 20 steps" in found.text
    assert "its gradient parts too, so look at the backward pass: numpy " in found.text


def test_values_are_shown_at_the_worst_element():
    """Both sides', as they are there, and what rounding explains of the difference."""
    found = trained(steps=1, dtype="float64", fault="mean")
    gap = found.parted
    ours, theirs = float(gap.numpy), float(gap.torch)
    assert abs(ours - theirs) == gap.difference
    assert f"fc1.bias: numpy {ours}, torch {theirs} at [{gap.index[0]}]" in found.text
    assert f"rounding explains {gap.explained:.2g}" in found.text
    one, all_of_them = float(found.gradient.numpy), float(found.gradient.torch)
    assert one * N == pytest.approx(all_of_them, rel=1e-9)


class OneStepAhead(optim.Adam):
    """Corrects the bias of its means as if there had been one more step."""

    def _update(self, p, g, state):
        if not state:
            state.update(step=1, exp_avg=np.zeros_like(p), exp_avg_sq=np.zeros_like(p))
        super()._update(p, g, state)


class DecaysLater(optim.SGD):
    """Damps the momentum after it was used, not before."""

    def _update(self, p, g, state):
        b = state.setdefault("b", np.zeros_like(p))
        b += self._decayed(p, g)
        p -= self.lr * b
        if "late" in state:
            b *= self.momentum
        state["late"] = b


class FirstDamped(optim.SGD):
    """Starts its momentum from zero and damps the first gradient, too."""

    def _update(self, p, g, state):
        b = state.setdefault("momentum_buffer", np.zeros_like(p))
        b *= self.momentum
        b += (1 - self.momentum) * self._decayed(p, g)
        p -= self.lr * b


class Slower(optim.SGD):
    """Has a learning rate that is 0.1 % smaller from step 11 on."""

    def step(self, grads=None):
        """Move the parameters."""
        self.made = getattr(self, "made", 0) + 1
        if self.made == 11:
            self.lr *= 0.999
        super().step(grads)


class WithoutNesterov(optim.SGD):
    """Has the momentum alone."""

    def __init__(self, params, *, nesterov, **settings):
        super().__init__(params, **settings)


class SparesBiases(optim.SGD):
    """Lets only matrices decay."""

    def _decayed(self, p, g):
        return super()._decayed(p, g) if p.ndim > 1 else g


ALL = {"fc1.weight", "fc1.bias", "fc2.weight", "fc2.bias"}
BIASES = {"fc1.bias", "fc2.bias"}
FAULTS = {
    "bias correction off by one": ("adam", OneStepAhead, 1, ALL),
    "decoupled for coupled decay": ("decayed adam", optim.AdamW, 1, ALL),
    "coupled for decoupled decay": ("adamw", optim.Adam, 1, ALL),
    "momentum decays later": ("momentum", DecaysLater, 2, ALL),
    "first gradient damped": ("momentum", FirstDamped, 1, ALL),
    "nesterov left out": ("nesterov", WithoutNesterov, 1, ALL),
    "learning rate from step 11": ("sgd", Slower, 11, ALL),
    "biases do not decay": ("momentum", SparesBiases, 1, BIASES),
}


@every_dtype
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_of_the_optimiser_is_named(fault, dtype):
    """Step and tensors, while the gradients there are the same."""
    optimiser, ours, step, tensors = FAULTS[fault]
    found = trained(optimiser, steps=20, dtype=dtype, ours=ours)
    assert not found
    assert found.step == step
    assert {found.tensor, *found.also} <= tensors
    assert "its gradient is the same, so look at the optimiser: numpy " in found.text


@every_dtype
def test_a_lost_factor_is_named_wherever_it_shows(dtype):
    """Gradients N times too large move every parameter, and not the first loss."""
    found = trained(steps=20, dtype=dtype, fault="no 1/N")
    assert found.step == 1
    assert {found.tensor, *found.also} == ALL
    assert "at this step " in found.text
    assert found.text.splitlines()[3].endswith(" part too")


@every_dtype
def test_a_loss_that_is_off_is_named_before_all_else(dtype):
    """It parts in the first step, where parameters do not."""
    found = trained(steps=20, dtype=dtype, fault="loss")
    assert (found.step, found.tensor, found.also) == (1, "loss", ())


def test_a_fault_that_the_optimiser_hides_is_told():
    """Adam does not see that all gradients are twice as large; the gradients are compared, too."""
    found = trained("adam", steps=100, fault="twice")
    assert not found
    assert re.search("part on the gradient of .* at step 1 of 100 steps", found.text)
    assert "the optimiser hides it at this step: no parameter parts" in found.text


def test_a_number_that_is_none_on_one_side_parts():
    """NaN in NumPy's loss from step 4 on."""

    def broken(p, x, t):
        count[id(p)] = count.get(id(p), 0) + 1
        loss, grads = network()(p, x, t)
        return (loss if count[id(p)] < 4 else loss * np.nan), grads

    count = {}
    net = Net(torch.relu)
    found = check_training(
        train_function(broken, partial(optim.SGD, lr=0.1)),
        train_module(net, F.cross_entropy, partial(torch.optim.SGD, lr=0.1)),
        net.state_dict(),
        draw(10),
        names=NAMES,
    )
    assert (found.step, found.tensor) == (4, "loss")
    assert "loss: numpy nan, torch " in found.text


def test_assertion_raises_with_what_was_found():
    """NotEquivalent is a failed assertion with the text and the result."""
    with pytest.raises(NotEquivalent, match=r"part on fc1\.bias at step 1") as caught:
        trained(steps=3, fault="mean", check=assert_equivalent_training)
    assert isinstance(caught.value, AssertionError)
    assert caught.value.check.tensor == "fc1.bias"


def test_assertion_returns_what_was_found():
    """Where the sides agree."""
    assert trained(steps=3, check=assert_equivalent_training).told == 3


def test_a_record_is_json():
    """For the report of a test suite."""
    record = trained(steps=3, fault="mean").record
    assert json.loads(json.dumps(record)) == record
    assert (record["agrees"], record["rung"]) == (False, "value")
    assert (record["step"], record["tensor"]) == (1, "fc1.bias")


# --- growth ---------------------------------------------------------------------------------

WILD = ("Adam", {"lr": 0.5})


def test_nothing_is_claimed_once_rounding_is_as_large_as_the_values():
    """A learning rate of 0.5 makes one eps grow to everything, and that is no alarm."""
    found = trained(WILD, n=3, steps=400)
    assert found
    assert 20 < found.told < 400
    assert found.blind.keys() == {"loss", *NAMES}
    assert max(found.blind.values()) == found.told + 1
    first, *rest = found.text.splitlines()
    assert first.endswith(
        f"agree in the first {found.told} of 400 steps of training in float32; no more can be told"
    )
    assert any(line.startswith("  nothing can be told of ") for line in rest)
    assert np.isnan(found.ratios["loss"][found.told :]).all()


def test_a_fault_before_that_is_found():
    """What a step can be told of is told."""
    assert trained(WILD, n=3, steps=50, ours=OneStepAhead).step == 1


def test_a_fault_after_that_is_not_claimed_to_be_absent():
    """The learning rate is another from a step on that nothing can be told of."""

    class Later(optim.Adam):
        def step(self, grads=None):
            self.made = getattr(self, "made", 0) + 1
            if self.made == 390:
                self.lr /= 2
            super().step(grads)

    found = trained(WILD, n=3, steps=400, ours=Later)
    assert found
    assert found.told < 390


@pytest.mark.parametrize(("at", "lr"), [(176, 0.31424299674113054), (1137, 0.47070467692329604)])
def test_a_kink_that_torch_passes_first_is_no_fault(at, lr):
    """The first four runs stay on one side of it where torch does not; of twenty more, some do."""
    assert trained(("Adam", {"lr": lr}), n=8, steps=300, at=at)


def test_float64_sees_farther():
    """The same training stays told for longer in float64."""
    assert trained(WILD, n=3, steps=120, dtype="float64").told == 120


# --- people's own ---------------------------------------------------------------------------


class Own:
    """A network of somebody's, that makes new arrays in every step."""

    def __init__(self, w, b, lr):
        self.w, self.b, self.lr = w, b, lr

    def train_step(self, x, y):
        """Do one step of gradient descent on a mean squared error."""
        error = x @ self.w + self.b - y
        self.w = self.w - self.lr * (2 / error.size * x.T @ error).astype(x.dtype)
        self.b = self.b - self.lr * (2 / error.size * error.sum(axis=0)).astype(x.dtype)
        return float(np.mean(error**2))


def own_numpy(params):
    """Start a network that is an object."""
    net = Own(params["w"], params["b"], 0.1)

    def step(x, y):
        loss = net.train_step(x, y)
        params.update(w=net.w, b=net.b)
        return loss

    return step


def own_torch(params):
    """Start the same with parameters and an optimiser."""
    optimiser = torch.optim.SGD(params.values(), lr=0.1)

    def step(x, y):
        optimiser.zero_grad()
        loss = F.mse_loss(F.linear(x, params["weight"], params["bias"]), y)
        loss.backward()
        optimiser.step()
        return loss

    return step


def linear_batches(steps=20):
    """Return inputs and targets of a regression."""
    rng = np.random.default_rng(1)
    return [(rng.normal(size=(8, 4)), rng.normal(size=(8, 2))) for _ in range(steps)]


def linear_params():
    """Return parameters by NumPy's names, and torch's names for them."""
    rng = np.random.default_rng(2)
    params = {"w": rng.normal(size=(4, 2)), "b": rng.normal(size=2)}
    return params, {"w": ("weight", np.transpose), "b": "bias"}


@every_dtype
def test_objects_with_their_own_step_can_be_checked(dtype):
    """NumPy's names and layout in params, torch's from them."""
    params, names = linear_params()
    found = check_training(own_numpy, own_torch, params, linear_batches(), names=names, dtype=dtype)
    assert found
    assert found.ratios.keys() == {"loss", "w", "b"}
    assert found.text.startswith("own_numpy and own_torch agree in 20 steps")


def test_a_gradient_that_is_not_handed_back_is_said_to_be_unknown():
    """The loss alone is enough for the check, not for the hint."""

    def wrong(params):
        step = own_numpy(params)

        def half(x, y):
            before = params["b"].copy()
            loss = step(x, y)
            params["b"] = (params["b"] + before) / 2
            return loss

        return half

    params, names = linear_params()
    found = check_training(wrong, own_torch, params, linear_batches(), names=names)
    assert (found.step, found.tensor) == (1, "b")
    assert "its gradient is not known on both sides" in found.text


def test_a_step_that_leaves_nothing_in_the_dict_is_told_apart():
    """The likely mistake: a module that was loaded with copies of the parameters."""

    def loaded(params):
        net = torch.nn.Linear(4, 2)
        net.load_state_dict(params)
        optimiser = torch.optim.SGD(net.parameters(), lr=0.1)

        def step(x, y):
            optimiser.zero_grad()
            loss = F.mse_loss(net(x), y)
            loss.backward()
            optimiser.step()
            return loss

        return step

    params, names = linear_params()
    found = check_training(own_numpy, loaded, params, linear_batches(), names=names)
    assert found.step == 1
    assert "torch's is where it started: a step is to leave" in found.text


@every_dtype
def test_layers_and_their_optimiser_are_a_side(dtype):
    """The sheet's layers against torch.nn.Sequential, whose names are theirs."""
    layers = [sheet.Linear(D, H), sheet.Sigmoid(), sheet.Linear(H, C), sheet.Softmax()]
    with torch.random.fork_rng():
        torch.manual_seed(0)
        twin = torch.nn.Sequential(
            torch.nn.Linear(D, H), torch.nn.Sigmoid(), torch.nn.Linear(H, C), torch.nn.Softmax(1)
        )
    found = check_training(
        train_layers(layers, sheet.CrossEntropyLoss(), partial(optim.Adam, lr=0.01)),
        train_module(
            twin, lambda p, t: F.nll_loss(torch.log(p), t), partial(torch.optim.Adam, lr=0.01)
        ),
        twin.state_dict(),
        draw(100),
        dtype=dtype,
    )
    assert found
    assert found.ratios.keys() == {"loss", "0.weight", "0.bias", "2.weight", "2.bias"}


@every_dtype
def test_layers_that_count_are_trained(dtype):
    """Running statistics are followed; the counter, which no state of floats holds, is left."""
    layers = numpy_layers.Sequential(
        numpy_layers.Linear(D, H, bias=False), numpy_layers.BatchNorm1d(H), numpy_layers.ReLU(),
        numpy_layers.Linear(H, C),
    )  # fmt: skip
    with torch.random.fork_rng():
        torch.manual_seed(0)
        twin = torch.nn.Sequential(
            torch.nn.Linear(D, H, bias=False), torch.nn.BatchNorm1d(H), torch.nn.ReLU(),
            torch.nn.Linear(H, C),
        )  # fmt: skip
    found = check_training(
        train_layers(layers, numpy_layers.CrossEntropyLoss(), partial(optim.SGD, lr=0.1)),
        train_module(twin, F.cross_entropy, partial(torch.optim.SGD, lr=0.1)),
        twin.state_dict(),
        draw(50),
        dtype=dtype,
    )
    assert found, found.text
    assert {"1.running_mean", "1.running_var"} <= found.ratios.keys()


class Centred(torch.nn.Linear):
    """A linear layer that keeps a running mean of its inputs, and counts them."""

    def __init__(self):
        super().__init__(4, 2, bias=False)
        self.register_buffer("mean", torch.zeros(4))
        self.register_buffer("seen", torch.tensor(0))

    def forward(self, x):
        """Return y."""
        self.mean.mul_(0.9).add_(0.1 * x.detach().mean(dim=0))
        self.seen.add_(1)
        return super().forward(x)


@pytest.mark.parametrize(("keep", "tensor"), [(0.9, ""), (0.8, "mean")])
def test_buffers_are_compared_and_counters_left_out(keep, tensor):
    """A state_dict goes in as it is; a running mean that runs otherwise is named."""

    def running(params, x, y):
        mean = params["mean"]
        mean *= x.dtype.type(keep)
        mean += x.dtype.type(0.1) * x.mean(axis=0)
        error = x @ params["weight"].T - y
        return np.mean(error**2), {"weight": 2 / error.size * error.T @ x}

    net = Centred()
    found = check_training(
        train_function(running, partial(optim.SGD, lr=0.1)),
        train_module(net, F.mse_loss, partial(torch.optim.SGD, lr=0.1)),
        net.state_dict(),
        linear_batches(),
    )
    assert (found.step, found.tensor) == ((2, tensor) if tensor else (0, ""))


def test_nothing_that_was_handed_over_is_written_to():
    """Neither the module nor the parameters nor the batches."""

    def writing(params, x, y):
        error = x @ params["weight"].T + params["bias"] - y
        grads = {"weight": 2 / error.size * error.T @ x, "bias": 2 / error.size * error.sum(axis=0)}
        x[:] = 7
        return np.mean(error**2), grads

    net, batches = torch.nn.Linear(4, 2), linear_batches(5)
    state, copies = net.state_dict(), [(x.copy(), y.copy()) for x, y in batches]
    before = {name: p.clone() for name, p in state.items()}
    found = check_training(
        train_function(writing, partial(optim.SGD, lr=0.1)),
        train_module(net, F.mse_loss, partial(torch.optim.SGD, lr=0.1)),
        state,
        batches,
    )
    assert found
    assert all(torch.equal(p, before[name]) for name, p in net.state_dict().items())
    for array, kept in zip(itertools.chain(*batches), itertools.chain(*copies), strict=True):
        np.testing.assert_array_equal(array, kept)


def test_code_of_one_precision_is_checked_without_the_other():
    """What is missing in what rounding explains is said."""

    def narrow(params):
        assert params["w"].dtype == np.float32, "float32 only"
        return own_numpy(params)

    params, names = linear_params()
    found = check_training(narrow, own_torch, params, linear_batches(), names=names)
    assert found
    reason = "numpy's side, run in float64 raised AssertionError: float32 only"
    assert f"not held against a run in the other precision: {reason}" in found.text


# --- errors ---------------------------------------------------------------------------------


def returns(value):
    """Return a side whose steps return a value."""
    return lambda params: lambda x, y: value


def leaves(**arrays):
    """Return NumPy's side with something else in its parameters after a step."""

    def start(params):
        step = own_numpy(params)
        return lambda x, y: (step(x, y), params.update(arrays))[0]

    return start


def forgets(params):
    """Start a side that loses a parameter."""
    return lambda x, y: float(params.pop("b").sum())


def module_side(**sizes):
    """Return a side that is torch.nn.Linear."""
    module = torch.nn.Linear(sizes.get("D", 4), sizes.get("C", 2), bias=sizes.get("bias", True))
    return train_module(module, F.mse_loss, partial(torch.optim.SGD, lr=0.1))


def sheet_side(params):
    """Start a side that is one layer of the sheet."""
    optimiser = partial(optim.SGD, lr=0.1)
    return train_layers([sheet.Linear(4, 2)], sheet.CrossEntropyLoss(), optimiser)(params)


W, B = np.ones((4, 2)), np.ones(2)
ERRORS = {
    "no batches": ({"batches": []}, "there are no batches, expected one at least"),
    "no params": ({"params": {}}, "params is {}, expected arrays or tensors by name"),
    "params without names": ({"params": [W]}, "params is (float64 [[1.0, 1.0], "),
    "integers": ({"params": {"w": W, "b": [1, 2]}}, "params has b, int64 [1, 2], expected finite"),
    "nan": ({"params": {"w": W, "b": B * np.nan}}, "params has b, float64 [nan, nan], expected"),
    "dtype": ({"dtype": "float16"}, "dtype is 'float16', expected float32 or float64"),
    "surplus in names": ({"names": {"v": "weight"}}, "names has v, params only w, b"),
    "one name twice": ({"names": {"w": "b"}}, "names leads to b twice, expected every name once"),
    "names of something": ({"names": {"w": ("b",)}}, "names has ('b',) for w, expected a name, or"),
    "text in a batch": ({"batches": ["x"]}, "batch 1 holds <U1 'x', expected arrays of numbers"),
    "module lacks": ({"torch_side": module_side(bias=False)},
                     "params has bias, the module only weight"),
    "params lack": ({"params": {"w": W}, "names": {"w": ("weight", np.transpose)},
                     "torch_side": module_side(), "numpy_side": returns(1.0)},
                    "params lacks bias, expected all that the module train"),
    "layers lack": ({"numpy_side": sheet_side}, "params lacks 0.bias, 0.weight, expected all that"),
    "shape": ({"torch_side": module_side(D=3)},
              "weight has shape (2, 4) in params, expected (2, 3) as in the module"),
    "lost": ({"numpy_side": forgets}, "numpy's side has lost b at step 1, expected it to stay"),
    "surplus": ({"numpy_side": leaves(b_=B)},
                "numpy's side has the parameter b_ at step 1, expected none but w, b"),
    "another shape": ({"numpy_side": leaves(b=np.ones((2, 1), "f4"))},
                      "numpy's side has the parameter b (2, 1) at step 1, expected (2,)"),
    "another dtype": ({"numpy_side": leaves(b=B)},
                      "numpy's side has b in float64 at step 1, expected float32"),
    "raises": ({"numpy_side": lambda params: lambda x: 1.0}, "numpy's side raised TypeError: "),
    "no step": ({"numpy_side": lambda params: 3},
                "numpy's side returned 3 at its start, expected its step, a function of a batch"),
    "no side": ({"torch_side": 3}, "torch's side raised TypeError: 'int' object is not callable"),
    "nothing returned": ({"numpy_side": returns(None)},
                         "numpy's side returned None at step 1, expected the loss, a number, or"),
    "text returned": ({"torch_side": returns("1.0")}, "torch's side returned '1.0' at step 1"),
    "losses returned": ({"torch_side": returns(torch.ones(3))},
                        "torch's side returned float32 [1.0, 1.0, 1.0] at step 1, expected the"),
    "gradients as a list": ({"numpy_side": returns((1.0, [B]))},
                            "numpy's side returned (1.0, (float64 [1.0, 1.0],)) at step 1"),
    "unknown gradient": ({"numpy_side": returns((1.0, {"c": B}))},
                         "numpy's side has the gradient c at step 1, expected none but w, b"),
    "loss without gradients": ({"numpy_side": train_function(lambda p, x, y: 1.0, list)},
                               "returned 1.0, expected the loss and gradients by name"),
    "nan at first": ({"numpy_side": returns(np.nan)},
                     "the loss at step 1 is nan on numpy's side and "),
}  # fmt: skip


@pytest.mark.parametrize("case", ERRORS)
def test_a_mistake_is_one_sentence(case):
    """Place, finding and expectation, from EquivError."""
    changed, message = ERRORS[case]
    params, names = linear_params()
    given = {
        "numpy_side": own_numpy,
        "torch_side": own_torch,
        "params": params,
        "batches": linear_batches(2),
        "names": names,
    } | changed
    with pytest.raises(EquivError, match=re.escape(message)) as caught:
        check_training(**given)
    assert str(caught.value).startswith("check_training: ")
    assert "\n" not in str(caught.value)
