"""The command line: report, lookup, rules, check, show. A command imports what it needs."""

from __future__ import annotations

import sys
import textwrap
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from equiv import __version__
from equiv.entry import EquivError

if TYPE_CHECKING:
    from equiv.results import Results
    from equiv.runner import Advance

FORMATS = ("md", "csv", "json", "html")


class _Commands(click.Group):
    """Turns our own errors into one line and exit 2; people never see a traceback for a typo."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except EquivError as error:
            click.echo(f"equiv: {error}", err=True)
            ctx.exit(2)


@click.group(cls=_Commands)
@click.version_option(__version__)
def main() -> None:
    """Run NumPy code and its PyTorch counterpart on identical inputs, and say where they part."""


@main.command()
@click.option("-o", "folder", type=click.Path(path_type=Path), help="Where to write. [reports]")
@click.option("-k", "match", default="", metavar="GLOB", help="Only the ops or cells it matches.")
@click.option("--seed", default=0, show_default=True, help="Changes inputs, not outcomes.")
@click.option("-j", "jobs", type=click.IntRange(0), help="Worker processes. [the cores]")
@click.option("--format", "formats", default="md,csv,html", show_default=True, metavar="LIST")
@click.option("--device", type=click.Choice(["cpu"]), default="cpu", show_default=True)
@click.option(
    "--check", "against", type=click.Path(path_type=Path), help="Compare with it; write nothing."
)
@click.option("--update-snapshot", is_flag=True, help="Refresh what lookup answers from.")
def report(
    folder: Path | None,
    match: str,
    seed: int,
    jobs: int | None,
    formats: str,
    device: str,
    against: Path | None,
    update_snapshot: bool,
) -> None:
    """Run everything, write the report, print the summary.

    Exit 0 when there is nothing to explain, 1 with findings, 2 when called wrongly.
    """
    from equiv import snapshot
    from equiv.report import checking, replace_files, write
    from equiv.runner import run

    chosen = tuple(word.strip() for word in formats.split(","))
    unknown = [word for word in chosen if word not in FORMATS]
    if unknown:
        raise EquivError(f"--format {formats}: {unknown[0]!r} is not one of {', '.join(FORMATS)}")
    if against and folder:
        raise EquivError("--check writes nothing; leave -o out, or run without --check")
    if match and (against or update_snapshot):
        raise EquivError("-k runs a part; --check and --update-snapshot need the whole")
    packaged = snapshot.checkout() if update_snapshot else None
    begun = time.perf_counter()
    with _progress() as advance:
        results = run(match=match, seed=seed, jobs=jobs, advance=advance)
    whole = not results.report.interrupted
    changed = checking.changes(results, against) if against and whole else []
    if not against and (folder or not match) and whole:
        for path in write(results, folder or Path("reports"), chosen):
            click.echo(f"wrote {path}")
    if packaged and whole:
        try:
            replace_files({packaged: snapshot.dumps(snapshot.build(results))})
        except OSError as error:
            reason = error.strerror or str(error)
            raise EquivError(
                f"--update-snapshot: {packaged} cannot be written ({reason})"
            ) from None
        click.echo(f"wrote {packaged}")
    for finding in results.findings:
        click.echo(f"{finding.kind}: {finding.place}: {finding.message}")
    for line in changed:
        click.echo(f"changed: {line}")
    click.echo(_summary(results, time.perf_counter() - begun))
    if not whole:
        click.echo("interrupted        nothing was written: the cells above were not run")
    sys.exit(1 if results.findings or changed else 0)


@main.command()
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@click.option("--format", "form", type=click.Choice(["text", "json", "md"]), default="text")
def lookup(names: tuple[str, ...], form: str) -> None:
    """Say how a NumPy or torch name is written on the other side, and what will bite."""
    import json

    from equiv import lookup as reference

    snapshot = reference.load()
    versions, installed = snapshot["versions"], reference.installed_versions()
    records = []
    for name in names:
        found, note = reference.find(name, snapshot)
        if note:
            click.echo(f"equiv: {note}", err=True)
        records += [op for op in found if op not in records]
    if form == "json":
        stamped = [{**op, "versions": versions} for op in records]
        click.echo(json.dumps(stamped[0] if len(stamped) == 1 else stamped, indent=1))
        return
    spell = reference.as_markdown if form == "md" else reference.as_text
    click.echo("\n\n".join(spell(op, versions, installed) for op in records))


@main.command()
@click.argument("slug", required=False)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
def rules(slug: str | None, form: str) -> None:
    """List the differences that run through both libraries, or one of them with its witness."""
    import json

    from equiv import lookup as reference

    snapshot = reference.load()
    chosen = reference.rules(slug, snapshot)
    if form == "json":
        records = chosen[0] if slug else chosen
        click.echo(json.dumps(records, indent=1, ensure_ascii=False))
        return
    if not slug:
        click.echo("\n".join(reference.rule_line(rule) for rule in chosen))
        return
    versions, installed = snapshot["versions"], reference.installed_versions()
    click.echo(reference.rule_text(chosen[0], versions, installed))


@main.command()
@click.argument("numpy_fn", metavar="MODULE:NUMPY_FN")
@click.argument("torch_fn", metavar="MODULE:TORCH_FN")
@click.option(
    "-i", "inputs", multiple=True, metavar="INPUT", help="x=real(32,100), axis=1: again for each."
)
@click.option("-t", "torch_inputs", multiple=True, metavar="INPUT", help="dim=1, for torch alone.")
@click.option("--grad", is_flag=True, help="Compare gradients too.")
@click.option("--probes", metavar="LIST", help="none, standard, full, or by name. [standard]")
@click.option("--seed", default=0, show_default=True)
@click.option("--examples", default=300, show_default=True, help="For the smallest inputs.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
def check(
    numpy_fn: str,
    torch_fn: str,
    inputs: tuple[str, ...],
    torch_inputs: tuple[str, ...],
    grad: bool,
    probes: str | None,
    seed: int,
    examples: int,
    form: str,
) -> None:
    """Run your NumPy function and its torch port on the same inputs.

    Exit 0 when they agree, 1 when they part, 2 when called wrongly.
    """
    import json

    from equiv.own import check_by_name

    found = check_by_name(
        numpy_fn,
        torch_fn,
        inputs,
        torch_inputs,
        grad=grad,
        probes=probes,
        seed=seed,
        examples=examples,
    )
    if form == "json":
        click.echo(json.dumps(found.record, indent=1, ensure_ascii=False))
    else:
        click.echo(found.text)
        if found.repro:
            click.echo(f"\n{found.repro}", nl=False)
    sys.exit(0 if found else 1)


@main.command()
@click.argument("cell")
@click.option("--seed", default=0, show_default=True)
def show(cell: str, seed: int) -> None:
    """Print a script that reproduces CELL with numpy and torch alone."""
    from equiv.catalogue import load
    from equiv.repro import script
    from equiv.runner import find_cell

    measured, layer = find_cell(load(), cell, seed, jobs=1)
    click.echo(script(measured, seed, layer), nl=False)


def _summary(results: Results, seconds: float) -> str:
    n, v = results.counts, results.versions
    sheet = [
        f"rows of the sheet  {n['rows']}/{n['rows in the sheet']} executed",
        f"pairs as written   {n['pairs that hold']} hold, "
        f"{n['pairs'] - n['pairs that hold']} do not",
    ]
    return "\n".join(
        [
            *(sheet if n["rows"] else []),
            f"ops, cases, cells  {n['ops']}, {n['cases']}, {n['cells']}",
            *_lines("cells", [f"{count} {word}" for word, count in results.outcomes.items()]),
            *_lines(
                "rules", [f"{cells} {slug}" for slug, _, cells, _ in results.rules.values if cells]
            ),
            f"differences        {n['differences']}",
            f"layers             {n['layers']}, of {n['classes of torch.nn']} classes of torch.nn",
            f"findings           {n['findings']}",
            f"versions           torch {v['torch']}, numpy {v['numpy']}, python {v['python']}",
            f"time               {seconds:.1f} s",
        ]
    )


def _lines(name: str, items: list[str]) -> list[str]:
    """Lay items out after a name, as many to a line as fit."""
    text = textwrap.wrap(", ".join(items), 78, break_on_hyphens=False)
    return [f"{name if not i else '':<19}{line}" for i, line in enumerate(text)]


@contextmanager
def _progress() -> Iterator[Advance]:
    """Show the cell that runs, on stderr and only on a terminal."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.markup import escape

    with Console(stderr=True).status("running") as status:
        yield lambda cell: status.update(escape(cell))
