"""What a check of people's own functions found, and how it is told. Runs nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from equiv.compare import Worst
from equiv.judge import tell
from equiv.measure import Measured
from equiv.rules import RULES, Rule

SHOWN = 3
"""How many of the conditions that part are told in full."""


class NotEquivalent(AssertionError):  # noqa: N818  # a failed assertion, not a mistake
    """Raised where two sides do not agree; ``check`` is what was found."""

    def __init__(self, check: Check) -> None:
        super().__init__(check.text)
        self.check = check
        if check.repro:
            self.add_note(f"\n{check.repro}")

    def __reduce__(self) -> tuple[type[AssertionError], tuple[str]]:
        return AssertionError, (str(self),)  # the functions may not travel between processes


@dataclass(frozen=True, kw_only=True)
class Condition:
    """One condition of a check: what was measured under it, and what was expected."""

    name: str
    """``as given``, the declared dtype, or a probe."""
    measured: Measured
    expected: tuple[str, ...] = ()
    """The rungs on which the sides are said to part."""
    why: str = ""

    @property
    def rungs(self) -> tuple[str, ...]:
        """The rungs on which the sides do part."""
        return tuple(dict.fromkeys(part.rung for part in self.measured.parts))

    @property
    def rules(self) -> Mapping[str, Rule]:
        """The library-wide rule that explains each of these rungs, where there is one."""
        facts, parts = self.measured.facts, self.measured.parts
        return {
            rule.rung: rule
            for rule in RULES
            if rule.rung in self.rungs
            and all(rule.explains(facts, part) for part in parts if part.rung == rule.rung)
        }

    @property
    def stale(self) -> tuple[str, ...]:
        """The expected rungs on which the sides do not part."""
        return tuple(rung for rung in self.expected if rung not in self.rungs)

    @property
    def unexpected(self) -> tuple[str, ...]:
        """The rungs on which the sides part without a word of it.

        At a kink or a NaN autograd's choice is torch's own, which no port can change.
        """
        granted = {*self.expected, *({"gradient"} & {*self.rules})}
        return tuple(rung for rung in self.rungs if rung not in granted)

    @property
    def holds(self) -> bool:
        """Say whether it is as expected: agreement, or the difference declared."""
        return not (self.stale or self.unexpected)

    @property
    def text(self) -> str:
        """What is not as expected, in a line; how the sides agree where all is."""
        if self.stale:
            return f"expected to part on {self.stale[0]}, {tell(self.measured)}"
        if self.unexpected:
            rung = self.unexpected[0]
            rule = self.rules.get(rung)
            hint = f" (equiv rules {rule.slug}: {rule.statement})" if rule else ""
            return tell(self.measured, rung).removeprefix("found ") + hint
        if self.expected:
            return f"{', '.join(self.expected)}, as expected: {self.why}"
        return "both raise" if all(self.measured.raised) else "the same"


@dataclass(frozen=True, kw_only=True, repr=False)
class Check:
    """What was found of two sides: agreement, or where they part first and how to see it."""

    numpy: str
    torch: str
    """What the sides are called."""
    conditions: tuple[Condition, ...]
    repro: str = ""
    """A script of a few lines that shows where they part; empty where they agree."""
    inputs: Mapping[str, object] = field(default_factory=dict)
    """The inputs that show where they part, by name: the smallest that were found."""
    note: str = ""
    """What is to be said of the inputs of the script."""

    @property
    def agrees(self) -> bool:
        """Say whether every condition is as expected."""
        return all(condition.holds for condition in self.conditions)

    def __bool__(self) -> bool:
        return self.agrees

    @property
    def failed(self) -> tuple[Condition, ...]:
        """The conditions that are not as expected."""
        return tuple(condition for condition in self.conditions if not condition.holds)

    @property
    def rung(self) -> str:
        """The first rung on which the sides part unexpectedly; empty where there is none."""
        return next((c.unexpected[0] for c in self.failed if c.unexpected), "")

    @property
    def worst(self) -> Worst:
        """The element nearest to its limit or past it: place, both values, ULP distance.

        ``worst.relative`` is the smallest tolerance that would let it pass.
        """
        chosen = self.failed or self.conditions
        return max((c.measured.worst for c in chosen), key=lambda worst: worst.headroom)

    @property
    def tolerance(self) -> float:
        """The smallest tolerance, relative to the largest magnitude, that would pass."""
        return self.worst.relative

    @property
    def gradients(self) -> Mapping[str, str]:
        """A word for each input's gradient: same, zero, parted, refused or none."""
        first = self.conditions[0].measured.gradient
        return {name: found.word for name, found in first.by_input.items()}

    @property
    def text(self) -> str:
        """All of it in words."""
        return "\n".join(self._lines())

    @property
    def record(self) -> dict[str, Any]:
        """All of it as JSON can hold it."""
        worst = self.worst
        return {
            "numpy": self.numpy,
            "torch": self.torch,
            "agrees": self.agrees,
            "rung": self.rung,
            "text": self.text,
            "conditions": [
                {
                    "name": c.name,
                    "outcome": c.measured.outcome,
                    "rungs": list(c.rungs),
                    "holds": c.holds,
                    "text": c.text,
                }
                for c in self.conditions
            ],
            "worst": {
                "where": worst.where,
                "index": list(worst.index),
                "numpy": worst.numpy,
                "torch": worst.torch,
                "ulps": worst.ulps,
                "headroom": worst.headroom,
                "tolerance": worst.relative,
            },
            "gradients": dict(self.gradients),
            "repro": self.repro,
            "note": self.note,
        }

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return f"<Check: {self.text.splitlines()[0]}>"

    def _lines(self) -> Iterator[str]:
        both = f"{self.numpy} and {self.torch}"
        count = len(self.conditions)
        if self.agrees:
            raising = sum(all(c.measured.raised) for c in self.conditions)
            beside = f", {raising} of them by raising on both sides" if raising else ""
            yield f"{both} agree in {_counted(count)}{beside}"
            yield from (f"  {c.name}: {c.text}" for c in self.conditions if c.expected)
            yield from self._measures()
            return
        failed = self.failed
        word = f"part on {self.rung}" if self.rung else "no longer part as expected"
        yield f"{both} {word} ({failed[0].name}), in {len(failed)} of {_counted(count)}"
        yield from (f"  {c.name}: {c.text}" for c in failed[:SHOWN])
        if len(failed) > SHOWN:
            yield f"  and under {', '.join(c.name for c in failed[SHOWN:])}"
        yield from self._measures()
        if self.note:
            yield f"  {self.note}"

    def _measures(self) -> Iterator[str]:
        worst = self.worst
        if worst.error:
            at = f"[{', '.join(map(str, worst.index))}]" if worst.index else ""
            place = f" {worst.where}{at}" if worst.where or at else ""
            yield (
                f"  worst element{place}: numpy {worst.numpy}, torch {worst.torch}; "
                f"{worst.ulps:.2g} ULP, {worst.headroom:.2g} of its limit; "
                f"the smallest tolerance that would pass is {worst.relative:.2g}"
            )
        first = self.conditions[0].measured.gradient
        for name, found in first.by_input.items():
            how = f"{found.error:.1g}" if found.word in ("same", "zero") else ""
            if found.word == "parted":
                how = f"{found.where}: numpy {found.numpy}, torch {found.torch}"
            yield f"  gradient by {name}: {found.word}{f' ({how})' if how else ''}"


def _counted(conditions: int) -> str:
    return f"{conditions} condition{'s' if conditions != 1 else ''}"
