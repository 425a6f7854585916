"""What an entry may not say: each mistake is refused with its place, before anything runs."""

import ast
import dataclasses
from typing import Any

import pytest

from equiv.entry import (
    EVERY,
    Case,
    Claim,
    Difference,
    EquivError,
    LayerCase,
    LayerPair,
    Op,
    Row,
    Tolerance,
    Trap,
    per_rank,
    real,
    well_conditioned,
)
from equiv.rules import Rule, Witness
from equiv.wellformed import check, free

TRAP = Trap("torch.std(x, dim=1)", shows="value", why="torch divides by n - 1.")
DIFFERENCE = Difference(
    "nothing-left",
    cases=("axis",),
    probes=("empty",),
    shows="torch raises",
    why="torch refuses an empty axis.",
    instead="x.new_empty(0)",
)
CASE = Case("axis", numpy="np.std(x, axis=1)", torch="torch.std(x, dim=1, correction=0)", trap=TRAP)
OP = Op(
    "numpy.std",
    summary="Standard deviation.",
    inputs={"x": real(3, 4)},
    cases=(CASE,),
    parameters={},
    differences=(DIFFERENCE,),
    source="numpy.std; torch.std",
)
CLAIM = Claim(
    numpy="np.std(arr)",
    torch="torch.std(tensor)",
    op="numpy.std",
    bind={"arr/tensor": real(6)},
    holds=False,
    shows="value",
    why="torch divides by n - 1.",
    port="torch.std(tensor, correction=0)",
)
LAYER_CASE = LayerCase(
    "wide", numpy="Linear(4, 3)", twin="torch.nn.Linear(4, 3)", inputs={"x": real(2, 4)}, trap=TRAP
)
LAYER_DIFFERENCE = dataclasses.replace(DIFFERENCE, cases=("wide",), probes=("large",), instead="W.")
PAIR = LayerPair(
    "numpy_layers.sheet.Linear",
    summary="Affine map.",
    cases=(LAYER_CASE,),
    differences=(LAYER_DIFFERENCE,),
    source="the sheet; torch.nn.Linear",
)
RULE = Rule(
    "no-half",
    rung="torch raises",
    statement="Sums of torch refuse float16.",
    why="They have no kernel for it.",
    instead="Cast first: x.float().",
    explains=lambda facts, part: False,
    witness=Witness(numpy="np.sum(x)", torch="torch.sum(x)", inputs={"x": "np.ones(2)"}),
)

Entries = dict[str, tuple[Any, ...]]


def op(**changes: Any) -> Entries:
    """One op, changed."""
    return {"ops": (dataclasses.replace(OP, **changes),)}


def case(**changes: Any) -> Entries:
    """One op with one case, changed."""
    return op(cases=(dataclasses.replace(CASE, **changes),))


def trap(**changes: Any) -> Entries:
    """One op whose trap is changed."""
    return case(trap=dataclasses.replace(TRAP, **changes))


def difference(**changes: Any) -> Entries:
    """One op whose difference is changed."""
    return op(differences=(dataclasses.replace(DIFFERENCE, **changes),))


def claim(**changes: Any) -> Entries:
    """One row with one claim, changed, and the op that it names."""
    row = Row("Std Dev", summary="Deviation", claims=(dataclasses.replace(CLAIM, **changes),))
    return {"ops": (OP,), "rows": (row,)}


def pair(**changes: Any) -> Entries:
    """One layer pair, changed."""
    return {"layers": (dataclasses.replace(PAIR, **changes),)}


def layer(**changes: Any) -> Entries:
    """One layer pair with one case, changed."""
    return pair(cases=(dataclasses.replace(LAYER_CASE, **changes),))


def rule(**changes: Any) -> Entries:
    """One rule, changed."""
    return {"rules": (dataclasses.replace(RULE, **changes),)}


def witness(**changes: Any) -> Entries:
    """One rule whose witness is changed."""
    return rule(witness=dataclasses.replace(RULE.witness, **changes))


def run(entries: Entries) -> None:
    """Check the entries."""
    check(*(entries.get(sort, ()) for sort in ("ops", "rows", "layers", "rules")))


AXIS, STD = "numpy.std/axis", "numpy.std: difference 'nothing-left'"
SHEET, LINEAR, WIDE = (
    "sheet/Std Dev/1",
    "numpy_layers.sheet.Linear",
    "numpy_layers.sheet.Linear/wide",
)

HALF = "rule no-half"

REFUSED: dict[str, tuple[Entries, str, str]] = {
    # ids
    "op-twice": ({"ops": (OP, OP)}, "op 'numpy.std'", "defined twice"),
    "case-twice": (op(cases=(CASE, CASE)), "numpy.std: case 'axis'", "defined twice"),
    "difference-twice": (op(differences=(DIFFERENCE, DIFFERENCE)), STD, "defined twice"),
    "row-twice": ({"ops": (OP,), "rows": claim()["rows"] * 2}, "row 'Std Dev'", "defined twice"),
    "pair-twice": ({"layers": (PAIR, PAIR)}, f"layer pair '{LINEAR}'", "defined twice"),
    "layer-case-twice": (pair(cases=(LAYER_CASE,) * 2), f"{LINEAR}: case 'wide'", "defined twice"),
    "rule-twice": ({"rules": (RULE, RULE)}, "rule 'no-half'", "defined twice"),
    # what an op needs
    "no-summary": (op(summary=""), "numpy.std", "needs a summary and a source"),
    "no-source": (op(source=""), "numpy.std", "needs a summary and a source"),
    "no-cases": (op(cases=(), differences=()), "numpy.std", "give either cases or instead="),
    "cases-and-instead": (op(instead="Loop."), "numpy.std", "give either cases or instead="),
    "pair-no-summary": (pair(summary=""), LINEAR, "needs a summary and a source"),
    "pair-no-source": (pair(source=""), LINEAR, "needs a summary and a source"),
    # reasons
    "trap-no-why": (trap(why=""), AXIS, "trap given without a why"),
    "trap-blank-why": (trap(why="  "), AXIS, "trap given without a why"),
    "trap-why-open": (trap(why="It is"), AXIS, "trap: why 'It is' must end with a full stop"),
    "difference-no-why": (difference(why=""), "numpy.std", "'nothing-left' given without a why"),
    "difference-why-open": (difference(why="It is"), "numpy.std", "'It is' must end with a full"),
    "difference-no-instead": (difference(instead=""), STD, "give what to write instead"),
    "difference-instead": (difference(instead="cast x"), STD, "; a sentence ends with a full stop"),
    "difference-instead-no-value": (difference(instead="x = 1"), STD, "must end in an expression"),
    "layer-difference-instead": (
        pair(differences=(dataclasses.replace(LAYER_DIFFERENCE, instead="x"),)),
        f"{LINEAR}: difference 'nothing-left'",
        "instead= of a layer is a sentence",
    ),
    "tolerance-no-why": (
        case(tolerance=Tolerance(relative=1e-3, why="")),
        AXIS,
        "tolerance given without a why",
    ),
    "tolerance-why-open": (
        case(tolerance=Tolerance(relative=1e-3, why="Sums")),
        AXIS,
        "tolerance: why 'Sums' must end with a full stop",
    ),
    "no-gradient-why-open": (
        case(no_gradient="Rounds"),
        AXIS,
        "'Rounds' must end with a full stop",
    ),
    "claim-no-why": (claim(why=""), SHEET, "claim that does not hold given without a why"),
    "claim-why-open": (claim(why="It is"), SHEET, "'It is' must end with a full stop"),
    "holding-claim-why-open": (
        claim(holds=True, shows=(), why="It warns"),
        SHEET,
        "'It warns' must end with a full stop",
    ),
    "denial-no-why": (
        claim(denies=True, holds=True, shows=(), why=""),
        SHEET,
        "claim that denies given without a why",
    ),
    "layer-trap-no-why": (
        layer(trap=dataclasses.replace(TRAP, why="")),
        WIDE,
        "trap given without a why",
    ),
    "unprobed-no-why": (
        case(unprobed={"nan": ""}),
        AXIS,
        "unprobed 'nan' given without a why",
    ),
    "unprobed-why-open": (
        case(unprobed={"nan": "It is slow."} | {"ties": "It is"}),
        AXIS,
        "unprobed 'ties': why 'It is' must end with a full stop",
    ),
    "rule-no-why": (rule(why=""), HALF, "rule given without a why"),
    "rule-why-open": (rule(why="They have"), HALF, "why 'They have' must end with a full stop"),
    "rule-no-statement": (rule(statement=""), HALF, "statement given without a why"),
    "rule-statement-open": (rule(statement="Sums"), HALF, "'Sums' must end with a full stop"),
    "rule-no-instead": (rule(instead=""), HALF, "give what to write instead"),
    # texts
    "numpy-broken": (case(numpy="np.std(x"), AXIS, "numpy 'np.std(x' does not compile: '(' was"),
    "torch-broken": (case(torch="torch.std(x,,"), AXIS, "torch 'torch.std(x,,' does not compile"),
    "trap-broken": (
        case(trap=Trap("x.std(", shows="value", why="No.")),
        AXIS,
        "trap 'x.std(' does not compile",
    ),
    "claim-broken": (claim(numpy="np.std(arr"), SHEET, "numpy 'np.std(arr' does not compile"),
    "claim-prose": (claim(torch="no equivalent"), SHEET, "'no equivalent' does not compile"),
    "port-broken": (claim(port="torch.std("), SHEET, "port 'torch.std(' does not compile"),
    "twin-broken": (layer(twin="nn.Linear("), WIDE, "torch 'nn.Linear(' does not compile"),
    "layer-broken": (layer(numpy="Linear(4, 3"), WIDE, "numpy 'Linear(4, 3' does not compile"),
    "witness-broken": (witness(numpy="np.sum("), HALF, "numpy 'np.sum(' does not compile"),
    "witness-statement": (witness(torch="y = x"), HALF, "torch 'y = x' must end in an expression"),
    "no-text": (case(numpy=""), AXIS, "numpy '' must end in an expression"),
    "statement": (case(numpy="y = np.std(x)"), AXIS, "'y = np.std(x)' must end in an expression"),
    "claim-statement": (claim(torch="del tensor"), SHEET, "must end in an expression"),
    # names
    "undeclared": (case(numpy="np.std(y)"), AXIS, "numpy 'np.std(y)' uses y, declared are np, x"),
    "undeclared-in-place": (case(numpy="y += 1; y"), AXIS, "'y += 1; y' uses y"),
    "np-in-torch": (case(torch="np.std(x)"), AXIS, "torch 'np.std(x)' uses np, declared are"),
    "torch-in-numpy": (case(numpy="torch.std(x)"), AXIS, "numpy 'torch.std(x)' uses torch"),
    "case-inputs-replace": (case(inputs={"y": real(3)}), AXIS, "uses x, declared are np, y"),
    "trap-undeclared": (
        case(trap=Trap("torch.std(y)", shows="value", why="No.")),
        AXIS,
        "trap 'torch.std(y)' uses y, declared are torch, x",
    ),
    "claim-undeclared": (claim(bind={"a": real(3)}), SHEET, "numpy 'np.std(arr)' uses arr"),
    "claim-other-side": (
        claim(numpy="np.std(tensor)", torch="torch.std(arr)"),
        SHEET,
        "numpy 'np.std(tensor)' uses tensor, declared are arr, np",
    ),
    "completed-undeclared": (
        claim(completed=("np.std(arr)", "torch.std(t)")),
        SHEET,
        "torch 'torch.std(t)' uses t",
    ),
    "port-np": (claim(port="np.std(tensor)"), SHEET, "port 'np.std(tensor)' uses np"),
    "port-ours": (claim(port=("torch.x", "torch.x")), SHEET, "port 'torch.x' uses torch"),
    "twin-uses-input": (layer(twin="torch.nn.Linear(x)"), WIDE, "uses x, declared are torch"),
    "layer-trap-undeclared": (
        layer(trap=dataclasses.replace(TRAP, torch="torch.relu(z)")),
        WIDE,
        "trap 'torch.relu(z)' uses z",
    ),
    "witness-undeclared": (
        witness(numpy="np.sum(y)"),
        HALF,
        "numpy 'np.sum(y)' uses y, declared are np, x",
    ),
    "witness-np-in-torch": (witness(torch="np.sum(x)"), HALF, "torch 'np.sum(x)' uses np"),
    # closed vocabularies
    "trap-rung": (
        trap(shows="values"),
        f"{AXIS}: trap",
        "shows='values' is not a rung: numpy raises",
    ),
    "difference-rung": (difference(shows="nans"), STD, "shows='nans' is not a rung: numpy raises"),
    "claim-rung": (claim(shows=("value", "sign")), SHEET, "shows='sign' is not a rung"),
    "layer-difference-rung": (
        pair(differences=(dataclasses.replace(LAYER_DIFFERENCE, shows="nans"),)),
        f"{LINEAR}: difference 'nothing-left'",
        "shows='nans' is not a rung",
    ),
    "rule-rung": (rule(rung="raises"), HALF, "shows='raises' is not a rung: numpy raises"),
    "second-rung": (
        difference(shows=("dtype", "nans")),
        STD,
        "shows='nans' is not a rung: numpy raises",
    ),
    "difference-probe": (difference(probes=("nan", "nans")), STD, "'nans' is not a probe: bool"),
    "layer-difference-probe": (
        pair(differences=(dataclasses.replace(LAYER_DIFFERENCE, probes=("nans",)),)),
        f"{LINEAR}: difference 'nothing-left'",
        "'nans' is not a probe: float64",
    ),
    "unprobed-probe": (case(unprobed={"nans": "No."}), AXIS, "'nans' is not a probe: bool"),
    "trap-probe": (trap(under="nans"), f"{AXIS}: trap", "'nans' is not a probe: bool"),
    "layer-trap-probe": (
        layer(trap=dataclasses.replace(TRAP, under="nans")),
        f"{WIDE}: trap",
        "'nans' is not a probe: float64",
    ),
    "equal-word": (
        case(equal="roughly"),
        AXIS,
        "equal='roughly' is not one of exactly, up to sign",
    ),
    "equal-words": (case(equal=("exactly", "up to")), AXIS, "equal='up to' is not one of exactly"),
    "claim-equal-word": (claim(equal="roughly"), SHEET, "equal='roughly' is not one of exactly"),
    # what goes together
    "no-probe": (difference(probes=()), STD, "names no probe, or no rung"),
    "no-rung": (difference(shows=()), STD, "names no probe, or no rung"),
    "every-value": (
        difference(probes=EVERY, shows="value"),
        STD,
        "only aliasing, layout and gradient can show under EVERY probe",
    ),
    "every-view-and-value": (
        difference(probes=EVERY, shows=("aliasing", "value")),
        STD,
        "only aliasing, layout and gradient can show under EVERY probe",
    ),
    "every-and-one": (difference(probes=(*EVERY, "nan")), STD, "'every probe' is not a probe"),
    "reconstruct-alone": (case(reconstruct="r[0] @ r[1]"), AXIS, "and reconstruct= go together"),
    "word-alone": (case(equal="by reconstruction"), AXIS, "and reconstruct= go together"),
    "word-alone-in-words": (
        case(equal=("exactly", "by reconstruction")),
        AXIS,
        "and reconstruct= go together",
    ),
    "claim-by-reconstruction": (claim(equal="by reconstruction"), SHEET, "by reconstruction"),
    "reconstruct-undeclared": (
        case(equal="by reconstruction", reconstruct="r @ x"),
        AXIS,
        "reconstruct 'r @ x' uses x, declared are np, r",
    ),
    "holds-and-shows": (claim(holds=True), SHEET, "give shows= exactly where it does not hold"),
    "neither": (claim(shows=()), SHEET, "give shows= exactly where it does not hold"),
    "difference-of-no-case": (
        difference(cases=("axis", "plain")),
        STD,
        "names the cases ['plain'], there are ['axis']",
    ),
    "layer-difference-of-no-case": (
        pair(differences=(dataclasses.replace(LAYER_DIFFERENCE, cases=("axis",)),)),
        f"{LINEAR}: difference 'nothing-left'",
        "names the cases ['axis'], there are ['wide']",
    ),
    "claim-of-no-op": (claim(op="numpy.stdd"), SHEET, "op 'numpy.stdd' is in no area"),
    "claim-of-no-case": (
        claim(op="numpy.std/plain"),
        SHEET,
        "numpy.std has no case 'plain', only ['axis']",
    ),
    "ranks": (
        claim(bind={"arr/tensor": per_rank(real(2), real(2, 3)), "n": per_rank(1, 2, 3)}),
        SHEET,
        "per_rank with different numbers of options",
    ),
    "twin-and-torch": (layer(torch="torch.relu(x)"), WIDE, "give either twin= or torch="),
    "two-twins": (layer(torch="x"), WIDE, "give either twin= or torch="),
    "no-cases-of-a-layer": (pair(cases=(), differences=()), LINEAR, "has no case"),
    "no-inputs-of-a-layer": (layer(inputs={}), WIDE, "has no inputs"),
    "call": (layer(call="x, h"), WIDE, "call 'forward(x, h)' uses h, declared are"),
    "wrt": (layer(wrt=("x", "h")), WIDE, "wrt names ['h'], not among the inputs"),
}


@pytest.mark.parametrize(("entries", "place", "finding"), REFUSED.values(), ids=REFUSED)
def test_mistake_is_refused(entries: Entries, place: str, finding: str) -> None:
    """A mistake is refused in one line: its place, then what was expected or found there."""
    with pytest.raises(EquivError) as caught:
        run(entries)
    message = str(caught.value)
    assert message.startswith(f"{place}: ")
    assert finding in message.removeprefix(f"{place}: ")
    assert "\n" not in message


ACCEPTED: dict[str, Entries] = {
    "op": op(),
    "claim": claim(),
    "pair": pair(),
    "nothing": {},
    "op-without-port": op(cases=(), differences=(), instead="Use a loop."),
    "builtins": case(numpy="np.std(x, axis=len(range(1)))"),
    "statements": case(numpy="y = np.abs(x); y[0] = 1; y.std()"),
    "own-names": case(torch="[torch.std(row) + (lambda n: n)(0) for row in x]"),
    "loop": case(numpy="s = 0\nfor row in x: s = s + row.std()\ns"),
    "walrus": case(numpy="(y := x + 1) * y"),
    "own-inputs": case(
        numpy="np.linalg.svd(m)",
        torch="torch.linalg.svd(m)",
        inputs={"m": well_conditioned(3, 3)},
        trap=None,
        equal="by reconstruction",
        reconstruct="np.abs(r[0])",
    ),
    "equal-words": case(equal=("exactly", "up to sign")),
    "tolerance": case(tolerance=Tolerance(relative=1e-3, why="The two sum in another order.")),
    "difference-of-all-cases": difference(cases=()),
    "holding-claim": claim(holds=True, shows=(), why=""),
    "rungs": claim(shows=("torch raises", "sign of zero")),
    "claim-of-a-case": claim(op="numpy.std/axis"),
    "completed-prose": claim(torch="no equivalent", completed=("np.std(arr)", "tensor.std()")),
    "denial": claim(denies=True, holds=True, shows=()),
    "port-of-both": claim(port=("np.std(arr, ddof=1)", "torch.std(tensor)")),
    "no-port": claim(port=""),
    "ranks": claim(bind={"arr/tensor": per_rank(real(2), real(2, 3)), "n": per_rank(1, 2)}),
    "unprobed": case(unprobed={"nan": "It runs for minutes.", "many": "It runs for hours."}),
    "two-rungs": difference(shows=("dtype", "value")),
    "undeclared-probe": difference(probes=("declared", "uint8 with -1")),
    "every": difference(probes=EVERY, shows=("aliasing", "layout", "gradient")),
    "trap-under": trap(under="ties"),
    "rule": rule(),
    "rule-without-inputs": witness(numpy="np.ones(2)", torch="torch.ones(2)", inputs={}),
    "no-traps": {**case(trap=None), **layer(trap=None)},
    "torch-expression": layer(twin="", torch="torch.relu(x)"),
}


@pytest.mark.parametrize("entries", ACCEPTED.values(), ids=ACCEPTED)
def test_well_formed_is_accepted(entries: Entries) -> None:
    """What is spelled as it should be passes."""
    run(entries)


def test_first_mistake_is_told() -> None:
    """Of several mistakes the first in the catalogue's order is told."""
    with pytest.raises(EquivError, match=r"^numpy\.std/axis: trap given without a why$"):
        run({"ops": (*trap(why="")["ops"], *op(name="numpy.var", source="")["ops"])})


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("np.std(x, axis=n)", {"np", "x", "n"}),
        ("y = x; y", {"x"}),
        ("[v + w for v in x]", {"w", "x"}),
        ("(lambda v: v + w)(x)", {"w", "x"}),
        ("x[m] = v; x", {"x", "m", "v"}),
        ("x += y; x", {"x", "y"}),
        ("x[0] += v; x", {"x", "v"}),
        ("x = x + y; x", {"x", "y"}),
        ("s = 0\nfor v in x: s += v\ns", {"x"}),
        ("x.y.z", {"x"}),
        ("1", set()),
    ],
)
def test_free_names(text: str, names: set[str]) -> None:
    """The free names of a side are those that it reads and does not bind itself."""
    assert free(ast.parse(text)) == names
