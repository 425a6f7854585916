"""The library-wide differences: what NumPy and torch do otherwise wherever it comes up.

Standard library only. A rule looks at what was measured, never at which op it was measured on.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from equiv.facts import Facts, Part

INDEX_SAID: Final = "long tensor for index|indices should be Long|sections to have dtype of long"

Predicate = Callable[[Facts, Part], bool]

INTEGERS: Final = ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64")
WHOLE: Final = ("bool", *INTEGERS)
UNSIGNED: Final = ("uint8", "uint16", "uint32", "uint64")
WIDE_UNSIGNED: Final = UNSIGNED[1:]
FLOATS: Final = ("float16", "float32", "float64")
COMPLEX: Final = ("complex64", "complex128")
SCALARS: Final = ("int", "float")

TORCH_NAMES: Final = {
    "Bool": "bool",
    "Byte": "uint8",
    "Char": "int8",
    "Short": "int16",
    "Int": "int32",
    "Long": "int64",
    "UInt16": "uint16",
    "UInt32": "uint32",
    "UInt64": "uint64",
    "Half": "float16",
    "Float": "float32",
    "Double": "float64",
    "ComplexFloat": "complex64",
    "ComplexDouble": "complex128",
}
"""What torch's error messages call the dtypes."""


@dataclass(frozen=True, kw_only=True)
class Witness:
    """The least code that shows a rule: two sides, and the code of their inputs."""

    numpy: str
    torch: str
    inputs: Mapping[str, str] = field(default_factory=dict)
    gradient: str = ""


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One difference between the libraries, with what recognises it and what shows it."""

    slug: str = field(kw_only=False)
    rung: str
    statement: str
    why: str
    instead: str
    explains: Predicate
    """Whether it accounts for one part on its rung, from what was measured."""
    witness: Witness


def _torch_says(facts: Facts, *patterns: str) -> bool:
    return any(re.search(pattern, facts.errors[1]) for pattern in patterns)


def _numpy_says(facts: Facts, *patterns: str) -> bool:
    return any(re.search(pattern, facts.errors[0]) for pattern in patterns)


def _has(facts: Facts, *dtypes: str) -> bool:
    return bool(facts.dtypes & set(dtypes))


def _scalars(facts: Facts) -> bool:
    """Hold where an input is a Python number."""
    return any(x.shape is None and x.dtype in SCALARS for x in facts.inputs)


def _no_kernel(facts: Facts, part: Part) -> bool:
    """Hold where torch says that a kernel lacks a dtype, one that every CPU kernel need not have.

    float32 and float64 are not among them, and complex and Half only where an input has them.
    """
    said = re.search(r'^NotImplementedError: ".*" not implemented for \'(\w+)\'', facts.errors[1])
    named = TORCH_NAMES.get(said[1], "") if said else ""
    given = facts.dtypes | (set(COMPLEX) if _has(facts, *COMPLEX) else set())  # they promote
    return named in given and named not in ("float32", "float64")


def _floating_only(facts: Facts, part: Part) -> bool:
    """Hold where torch asks for a floating input and was given integers or booleans."""
    asked = _torch_says(
        facts,
        "[Ee]xpected a floating point or complex",
        "only support floating point",
        "must be either float or double",
        "must be either a floating point",
        "types other than float and double",
        "to have floating point dtype",
        "of float, double, cfloat",
    )
    return asked and _has(facts, *WHOLE) and not _same_dtype(facts, part)


def _half(facts: Facts, part: Part) -> bool:
    asked = _torch_says(
        facts,
        "Unsupported dtype Half",
        "Low precision dtypes not supported",
        "must be either float or double",
        "types other than float and double",
        "supports floating point, complex, and integer",
    )
    return asked and _has(facts, "float16") and not _has(facts, *WHOLE)


def _bool_refused(facts: Facts, part: Part) -> bool:
    """Hold where torch says that a function takes no booleans, and an input is boolean."""
    said = _torch_says(
        facts,
        "with a bool tensor is not supported",
        "on a bool tensor is not supported",
        "not support bool",
        "bool dtype is not supported",
        "Unsupported input type .*: Bool",
    )
    return said and _has(facts, "bool")


def _zero_d_refused(facts: Facts, part: Part) -> bool:
    """Hold where torch speaks of missing dimensions, and an input has none."""
    said = _torch_says(
        facts,
        "0-?[dD]",
        "Dimension out of range",
        "[Tt]oo many indices for tensor of dimension 0",
        "at least \\d+D|at least (one|two|three) dimension",
        "1D tensors expected",
        "Expected 1-D argument",
        "tuple index out of range",
        "0-dim tensor|tensor has no dimensions",
        "for 1D input|dimension of the input",
        "number of dimensions in the tensor",
    )
    return said and any(x.shape == () for x in facts.arrays)


def _complex_refused(facts: Facts, part: Part) -> bool:
    said = _torch_says(
        facts,
        "not support complex",
        "not supported for complex",
        "not implemented for complex",
        "must be either float or double",
        "types other than float and double",
    )
    return said and _has(facts, *COMPLEX) and not _has(facts, *WHOLE, "float16")


def _same_dtype(facts: Facts, part: Part) -> bool:
    """Hold where torch says that operands must share a dtype, and they do not."""
    said = _torch_says(
        facts,
        "same dtype",
        "same data type|same scalar type",
        "Input type .* and weight type .* should be the same",
        "tensors should have the same",
        "dtypes match",
        "^RuntimeError: expected scalar type",
        "^RuntimeError: expected dtype",
        "did not match",
    )
    return said and len(facts.dtypes) > 1


def _unsigned_promotion(facts: Facts, part: Part) -> bool:
    return _torch_says(facts, "Promotion for uint16, uint32, uint64") and _has(
        facts, *WIDE_UNSIGNED
    )


def _index_dtype(facts: Facts, part: Part) -> bool:
    """Hold where torch refuses indices for their integer dtype."""
    said = _torch_says(facts, "used as indices must be", "dtype int32/int64 for index", INDEX_SAID)
    return said and _has(facts, "int8", "int16", *UNSIGNED, "int32", "bool")


def _scalar_operand(facts: Facts, part: Part) -> bool:
    """Hold where torch takes a tensor only and was given a Python number."""
    refused = _torch_says(
        facts,
        "^TypeError: .*must be Tensor, not (int|float)",
        "^TypeError: .*but got (int|float)",
        "^TypeError: .*invalid combination of arguments",
        "^AttributeError: '(int|float)' object has no attribute",
        "^TypeError: '(int|float)' object is not subscriptable",
        "^TypeError: object of type '(int|float)' has no len",
    )
    return refused and _scalars(facts)


def _integer_division(facts: Facts, part: Part) -> bool:
    """Hold where torch speaks of division by zero, and whole numbers were divided."""
    said = _torch_says(facts, "ZeroDivisionError")
    zero = any("zero" in x.holds for x in facts.arrays) or _scalars(facts)
    return said and zero and facts.dtypes <= set(WHOLE)


def _python_integer(facts: Facts, part: Part) -> bool:
    return _numpy_says(facts, "^OverflowError: Python integer .* out of bounds") and _scalars(facts)


def _same_kind(facts: Facts, part: Part) -> bool:
    """Hold where NumPy refuses a cast by its rule, and torch made it."""
    said = _numpy_says(facts, "Cannot cast .* rule '(safe|same_kind)'")
    return said and not facts.errors[1]


def _zero_d_axis(facts: Facts, part: Part) -> bool:
    """Hold where NumPy says that a 0-d array has no such axis, and torch took it to have one."""
    said = _numpy_says(facts, "^AxisError: .* out of bounds for array of dimension 0")
    return said and not facts.errors[1] and any(x.shape == () for x in facts.arrays)


def _read_only(facts: Facts, part: Part) -> bool:
    said = _numpy_says(facts, "^ValueError: .*read-only")
    return said and any("repeated" in x.holds for x in facts.arrays)


def _read_only_view(facts: Facts, part: Part) -> bool:
    ours, theirs = part.numpy.partition(" of "), part.torch.partition(" of ")
    return ours[0] == "a read-only view" and theirs[0] == "a view"


def _default_float(facts: Facts, part: Part) -> bool:
    """Hold where nothing but integers, booleans and Python numbers came in, and floats came out."""
    pairs = {("float64", "float32"), ("float16", "float32"), ("complex128", "complex64")}
    return facts.dtypes <= set(WHOLE) and part.dtypes in pairs


def _unsigned_sum(facts: Facts, part: Part) -> bool:
    """Hold where unsigned input came out as uint64 here and as int64 there."""
    return part.dtypes == ("uint64", "int64") and _has(facts, *UNSIGNED)


def _float_keeps_width(facts: Facts, part: Part) -> bool:
    """Hold where integer arrays met narrower floats: torch kept the float's width."""
    wider = {
        ("float64", "float16"): "float16",
        ("float64", "float32"): "float32",
        ("float32", "float16"): "float16",
        ("complex128", "complex64"): "complex64",
    }
    narrow = wider.get(part.dtypes, "")
    floats = facts.dtypes & {*FLOATS, *COMPLEX}
    return narrow in floats and len(floats) == 1 and _has(facts, *WHOLE)


def _zero_d(facts: Facts, part: Part) -> bool:
    """Hold where a 0-d array of a wider dtype met one with axes: torch kept the latter's dtype."""
    flat = {x.dtype for x in facts.arrays if not x.shape}
    rest = {x.dtype for x in facts.arrays if x.shape and x.dtype not in WHOLE}
    return part.dtypes[0] in flat - rest and {part.dtypes[1]} == rest


def _overflow_order(facts: Facts, part: Part) -> bool:
    """Hold where finite input overflowed: one side has an infinity where the other has NaN."""
    finite = not any(x.holds & {"nan", "inf"} for x in facts.arrays)
    return finite and "finite alike" in part.agrees


def _kink(facts: Facts, part: Part) -> bool:
    """Hold where autograd gives values between the derivatives of both sides, or shares them out.

    Where tied elements share, their sum is the derivative of moving them together.
    """
    return bool(facts.gradient) and facts.gradient <= {"between", "shared"}


def _jump(facts: Facts, part: Part) -> bool:
    """Hold where the function jumps, or rises without bound, and autograd gives a finite slope."""
    return "jump" in facts.gradient and facts.gradient <= {"jump", "between", "shared"}


def _masked_nan(facts: Facts, part: Part) -> bool:
    """Hold where results that are not finite were left out, and NaN came through all the same."""
    return facts.gradient == {"nan"} and "masked" in part.agrees


RULES: Final[tuple[Rule, ...]] = (
    Rule(
        "no-kernel",
        rung="torch raises",
        statement="Many torch kernels lack uint16, uint32, uint64, bool, float16 or complex.",
        why="torch compiles its kernels for chosen dtypes; NumPy's loops have them all.",
        instead="Cast to a dtype that the kernel has, x.long() or x.float(), and cast back.",
        explains=_no_kernel,
        witness=Witness(
            numpy="np.max(x)",
            torch="torch.max(x)",
            inputs={"x": "np.array([3, 1, 2], dtype='uint16')"},
        ),
    ),
    Rule(
        "floating-only",
        rung="torch raises",
        statement="Statistics and linear algebra of torch refuse integers and booleans.",
        why="NumPy computes them in float64; torch asks for a floating or complex input.",
        instead="Cast first: x.double() gives NumPy's dtype.",
        explains=_floating_only,
        witness=Witness(
            numpy="np.mean(x)", torch="torch.mean(x)", inputs={"x": "np.array([3, 1, 2])"}
        ),
    ),
    Rule(
        "no-half",
        rung="torch raises",
        statement="Quantiles, FFTs and linear algebra of torch refuse float16 on the CPU.",
        why="Their kernels exist for float32 and float64 only; NumPy computes in a wider float.",
        instead="Compute in float32 and cast back: f(x.float()).half().",
        explains=_half,
        witness=Witness(
            numpy="np.fft.fft(x)",
            torch="torch.fft.fft(x)",
            inputs={"x": "np.array([3, 1, 2], dtype='float16')"},
        ),
    ),
    Rule(
        "complex-refused",
        rung="torch raises",
        statement="torch refuses to order complex numbers; NumPy goes by the real part first.",
        why="Complex numbers have no order of their own; NumPy takes the lexicographic one.",
        instead="Order by what is meant: x.real, x.abs(), or one after the other, stably.",
        explains=_complex_refused,
        witness=Witness(
            numpy="np.sort(x)", torch="torch.sort(x).values", inputs={"x": "np.array([2j, 1 + 1j])"}
        ),
    ),
    Rule(
        "bool-refused",
        rung="torch raises",
        statement="Some functions of torch refuse booleans that NumPy counts as 0 and 1.",
        why="torch keeps booleans apart from numbers; in NumPy they are numbers of two values.",
        instead="Cast first: x.long(), or x.double() where floats come out.",
        explains=_bool_refused,
        witness=Witness(
            numpy="np.argmax(x)",
            torch="torch.argmax(x)",
            inputs={"x": "np.array([False, True])"},
        ),
    ),
    Rule(
        "zero-d-refused",
        rung="torch raises",
        statement="Functions of torch that work along a dimension refuse tensors that have none.",
        why="NumPy takes a 0-d array for one element along an axis in many functions.",
        instead="Give it an axis first: x.reshape(1).",
        explains=_zero_d_refused,
        witness=Witness(
            numpy="np.dot(x, y)",
            torch="torch.matmul(x, y)",
            inputs={"x": "np.array(2.0)", "y": "np.array([3.0, 1.0])"},
        ),
    ),
    Rule(
        "same-dtype",
        rung="torch raises",
        statement="Products, solvers, convolutions and writes of torch take one dtype only.",
        why="NumPy promotes the operands first; these functions of torch do not.",
        instead="Promote first, x.to(torch.result_type(x, y)); for a write cast what is written.",
        explains=_same_dtype,
        witness=Witness(
            numpy="np.dot(x, y)",
            torch="torch.dot(x, y)",
            inputs={"x": "np.array([3, 1, 2])", "y": "np.array([1.5, 2.5, 3.5])"},
        ),
    ),
    Rule(
        "unsigned-promotion",
        rung="torch raises",
        statement="torch does not promote uint16, uint32 and uint64 with other dtypes.",
        why="They have storage but no place in torch's promotion table.",
        instead="Cast them to a signed dtype that holds their values first.",
        explains=_unsigned_promotion,
        witness=Witness(
            numpy="x + y",
            torch="x + y",
            inputs={"x": "np.array([3, 1])", "y": "np.array([1, 2], dtype='uint64')"},
        ),
    ),
    Rule(
        "index-dtype",
        rung="torch raises",
        statement="torch takes indices of few integer dtypes, some functions int64 only.",
        why="NumPy casts any integer index to intp; torch leaves the cast to the caller.",
        instead="Index with i.long().",
        explains=_index_dtype,
        witness=Witness(
            numpy="x[i]",
            torch="x[i]",
            inputs={"x": "np.array([3.0, 1.0])", "i": "np.array([1, 0], dtype='int16')"},
        ),
    ),
    Rule(
        "scalar-operand",
        rung="torch raises",
        statement="Where torch asks for a tensor, a Python number is not one.",
        why="NumPy turns every argument into an array; torch checks the type.",
        instead="Wrap it: torch.tensor(2.0, dtype=x.dtype).",
        explains=_scalar_operand,
        witness=Witness(
            numpy="np.maximum(x, n)",
            torch="torch.maximum(x, n)",
            inputs={"x": "np.array([3.0, 1.0])", "n": "2"},
        ),
    ),
    Rule(
        "integer-division-by-zero",
        rung="torch raises",
        statement="Integers divided by zero: NumPy gives 0 and warns, torch raises.",
        why="Integers have no infinity to give; NumPy goes on, torch stops.",
        instead="Choose the result: torch.where(y == 0, 0, x // torch.where(y == 0, 1, y)).",
        explains=_integer_division,
        witness=Witness(
            numpy="x // y",
            torch="x // y",
            inputs={"x": "np.array([3, 1])", "y": "np.array([2, 0])"},
        ),
    ),
    Rule(
        "python-integer-out-of-range",
        rung="numpy raises",
        statement="A Python integer that the array's dtype cannot hold: NumPy raises, torch wraps.",
        why="NumPy casts the number to the array's dtype and checks; torch casts without checking.",
        instead="Widen the tensor first, or check the number yourself.",
        explains=_python_integer,
        witness=Witness(
            numpy="x + n",
            torch="x + n",
            inputs={"x": "np.array([3, 1], dtype='uint8')", "n": "300"},
        ),
    ),
    Rule(
        "unsafe-cast",
        rung="numpy raises",
        statement="NumPy refuses to write what the target's dtype cannot keep; torch casts it.",
        why="NumPy has casting rules for writes, 'same_kind' or 'safe'; torch has none.",
        instead="Check the dtypes before the write; the cast drops fractions and signs silently.",
        explains=_same_kind,
        witness=Witness(
            numpy="np.copyto(x, y); x",
            torch="x.copy_(y); x",
            inputs={"x": "np.array([3, 1])", "y": "np.array([1.5, 2.5])"},
        ),
    ),
    Rule(
        "zero-d-axis",
        rung="numpy raises",
        statement="torch takes dim 0 and -1 of a 0-d tensor; NumPy says that it has no axis.",
        why="torch treats a 0-d tensor as having one axis where a dim is asked for.",
        instead="Test x.ndim first where an error is wanted.",
        explains=_zero_d_axis,
        witness=Witness(
            numpy="np.sort(x, axis=0)",
            torch="torch.sort(x, dim=0).values",
            inputs={"x": "np.array(2.0)"},
        ),
    ),
    Rule(
        "read-only-broadcast",
        rung="numpy raises",
        statement="NumPy refuses to write into a broadcast array; torch may not.",
        why="A broadcast array repeats memory, and NumPy marks it read-only.",
        instead="Write into x.clone(), which has memory of its own.",
        explains=_read_only,
        witness=Witness(
            numpy="x[0] = 5.0; x",
            torch="x[0] = 5.0; x",
            inputs={"x": "np.broadcast_to(np.array([3.0, 1.0]), (2, 2))"},
        ),
    ),
    Rule(
        "default-float",
        rung="dtype",
        statement="Integers and booleans become torch's default float, float32.",
        why="NumPy picks the float by the width of the integers, float64 for int64.",
        instead="Cast first: f(x.double()) gives float64.",
        explains=_default_float,
        witness=Witness(
            numpy="np.sqrt(x)", torch="torch.sqrt(x)", inputs={"x": "np.array([3, 1, 2])"}
        ),
    ),
    Rule(
        "unsigned-sum",
        rung="dtype",
        statement="Sums and products of unsigned integers are uint64 in NumPy, int64 in torch.",
        why="torch accumulates every integer dtype in int64.",
        instead="The bits are the same: .to(torch.uint64) gives NumPy's values.",
        explains=_unsigned_sum,
        witness=Witness(
            numpy="np.sum(x)",
            torch="torch.sum(x)",
            inputs={"x": "np.array([3, 1, 2], dtype='uint8')"},
        ),
    ),
    Rule(
        "float-keeps-width",
        rung="dtype",
        statement="Integers with a narrow float: torch keeps the float's width, NumPy widens.",
        why="torch promotes by category first; NumPy takes a float that holds the integers too.",
        instead="Cast the float first: x.double().",
        explains=_float_keeps_width,
        witness=Witness(
            numpy="x + y",
            torch="x + y",
            inputs={"x": "np.array([3, 1])", "y": "np.array([1.5, 2.5], dtype='float32')"},
        ),
    ),
    Rule(
        "zero-d-dtype",
        rung="dtype",
        statement="A 0-d tensor does not widen a tensor with axes; a 0-d array does.",
        why="torch ranks 0-d tensors with Python numbers; NumPy 2 promotes by dtype alone.",
        instead="Give it an axis, y.reshape(1), or cast the result.",
        explains=_zero_d,
        witness=Witness(
            numpy="x + y",
            torch="x + y",
            inputs={"x": "np.array([3, 1], dtype='float32')", "y": "np.array(1.5)"},
        ),
    ),
    Rule(
        "overflow-order",
        rung="nan",
        statement="Where finite terms overflow, one side can be infinite and the other NaN.",
        why="inf - inf is NaN, and the order of terms and fused products decide if it occurs.",
        instead="Scale the input so that products stay finite.",
        explains=_overflow_order,
        witness=Witness(
            numpy="np.add.reduce(x[0::2]) + np.add.reduce(x[1::2])",
            torch="x[0] + x[2] + x[1] + x[3]",
            inputs={"x": "np.array([1e308, -1e308, 1e308, -1e308])"},
        ),
    ),
    Rule(
        "read-only-view",
        rung="aliasing",
        statement="A view that repeats memory is read-only in NumPy and writable in torch.",
        why="torch has no read-only tensors; some writes into expanded ones do go through.",
        instead="Write into a clone.",
        explains=_read_only_view,
        witness=Witness(
            numpy="np.broadcast_to(x, (2, 2))",
            torch="torch.broadcast_to(x, (2, 2))",
            inputs={"x": "np.array([3.0, 1.0])"},
        ),
    ),
    Rule(
        "kink",
        rung="gradient",
        statement="At kinks and ties autograd picks one of the possible derivatives.",
        why="There is no derivative there; which subgradient it picks is each function's choice.",
        instead="Keep ties and kinks out of what is differentiated, or do not rely on the choice.",
        explains=_kink,
        witness=Witness(
            numpy="np.abs(x)",
            torch="torch.abs(x)",
            inputs={"x": "np.array([0.0, 1.0])"},
            gradient="kinks",
        ),
    ),
    Rule(
        "jump",
        rung="gradient",
        statement="Where a function jumps, autograd gives the slope of one of its pieces.",
        why="Autograd differentiates the piece that was computed and does not see the step.",
        instead="Keep the input off the steps, or smooth them.",
        explains=_jump,
        witness=Witness(
            numpy="np.floor(x)",
            torch="torch.floor(x)",
            inputs={"x": "np.array([2.0, 1.0])"},
            gradient="kinks",
        ),
    ),
    Rule(
        "masked-nan",
        rung="gradient",
        statement="A result that is left out still gives NaN gradients where it is not finite.",
        why="Autograd multiplies the zero that masks it with the derivative: 0 * inf is NaN.",
        instead="Mask the input, not the result: torch.where(m, x, 1.0) before the function.",
        explains=_masked_nan,
        witness=Witness(
            numpy="x * y",
            torch="x * y",
            inputs={"x": "np.array([2.0, 1.0])", "y": "np.array([np.inf, 1.0])"},
            gradient="kinks",
        ),
    ),
)
"""The rules, by rung."""
