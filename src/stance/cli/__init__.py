"""The `stance` program: one thin command for each step. Data goes to stdout, talk to stderr."""

from __future__ import annotations

import atexit
import contextlib
import errno
import io
import os
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from stance.cli.data import data
from stance.cli.evaluate import evaluate
from stance.cli.history import history
from stance.cli.label import adjudicate, label
from stance.cli.progress import progress
from stance.cli.report import report
from stance.cli.roster import roster as roster_commands
from stance.errors import InputError, Interrupted, StanceError

if TYPE_CHECKING:
    from stance.labels import Axis

Record = dict[str, Any]
app = typer.Typer(no_args_is_help=True, add_completion=True, rich_markup_mode="markdown", pretty_exceptions_enable=False)

app.add_typer(data, name="data")
app.add_typer(roster_commands, name="roster")

RosterOption = Annotated[Path | None, typer.Option(help="A roster file of your own, laid over the built-in one (extend = false at its top: instead of it).")]
ResumeOption = Annotated[bool, typer.Option("--resume", help="Go on where an interrupted run with the same --output came to.")]


@app.callback()
def stance() -> None:
    """Read what the two sides of a labour dispute say."""


@app.command()
def extract(
    files: Annotated[list[Path], typer.Argument(help="Articles (.txt, .html or .htm, UTF-8), or folders of them.", show_default=False)],
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write here instead of stdout.")] = None,
    date: Annotated[str, typer.Option(help="Date of the articles (YYYY, YYYY-MM or YYYY-MM-DD); decides which post a person held.")] = "",
    every_kind: Annotated[bool, typer.Option("--all", help="Also print titles of works and scare words.")] = False,
    indirect: Annotated[bool, typer.Option("--indirect", help="Also print reported clauses without marks (kind: indirect).")] = False,
    confidence: Annotated[
        float, typer.Option("--min-speaker-confidence", min=0, max=1, help="Below it the speaker becomes unknown; 0.9 for labels that nobody reads over, 0 for every guess.")
    ] = 0.7,
    resume: ResumeOption = False,
    roster: RosterOption = None,
) -> None:
    """Find quotations, their speakers and sides in articles; prints JSON Lines.

    Examples:

        stance extract article.txt

        stance extract news/ --date 2023-10-02 --min-speaker-confidence 0.9 -o statements.jsonl

        stance extract news/*.html --indirect --roster mine.toml

        stance extract news/ -o statements.jsonl.zst --resume
    """
    from stance.articles import article_files, read
    from stance.files import dump_line
    from stance.roster import load_roster
    from stance.sinks import sink

    if not 0 <= confidence <= 1:  # the option's own bounds let NaN through
        raise InputError(f"--min-speaker-confidence must lie between 0 and 1, not {confidence}")
    people = load_roster(roster)
    articles = article_files(files)
    form = _form("" if output else "jsonl", output)

    def records_of(name: str, file: Path, text: str) -> list[Record]:
        reading = read(text, people, name, date, every_kind, indirect, confidence)
        if reading.broken:
            lines = ", ".join(map(str, reading.broken[:5])) + (" ..." if len(reading.broken) > 5 else "")
            typer.echo(f"{file}: quotation marks missing or out of place on {len(reading.broken)} lines ({lines}); check what was cut there", err=True)
        return reading.records

    if output is None:
        with _reader(len(articles)) as text_of:
            for name, file in articles:
                sys.stdout.writelines(map(dump_line, records_of(name, file, text_of(file))))
        return
    settings = {"files": [str(file) for _, file in articles], "date": date, "all": every_kind, "indirect": indirect, "confidence": confidence, "roster": str(roster)}
    with _reader(len(articles)) as text_of:
        with sink(output, form, settings, resume) as out, progress(len(articles), "articles", whole=True) as report:
            report(out.done, 0)
            for name, file in articles[out.done :]:
                out.write(records_of(name, file, text_of(file)), out.done + 1)
                report(1, 0)
        typer.echo(f"{out.written} quotations written to {output}", err=True)


@contextlib.contextmanager
def _reader(count: int) -> Iterator[Callable[[Path], str]]:
    """A function that reads articles. Of several, one that cannot be read is named and taken as empty, and an InputError at the end says how many were."""
    from stance.articles import read_article

    unread = 0

    def text_of(file: Path) -> str:
        nonlocal unread
        try:
            return read_article(file)
        except InputError as error:
            if count == 1:
                raise
            unread += 1
            typer.echo(f"stance: {error}", err=True)
            return ""

    yield text_of
    if unread:
        raise InputError(f"{unread} of {count} articles could not be read and are named above; the others are done")


@app.command()
def codebook(labels: Annotated[Path | None, typer.Option(help="A labels file; the built-in one if not given.")] = None) -> None:
    """Print the codebook, as Markdown, from a labels file.

    Example:

        stance codebook > data/CODEBOOK.md
    """
    from stance.labels import DEFAULT_LABELS
    from stance.labels import codebook as page

    typer.echo(page(labels or DEFAULT_LABELS), nl=False)


@app.command()
def classify(
    texts: Annotated[list[str], typer.Argument(help="Statements; or files (.txt a line each, .csv, .jsonl, .parquet; also .gz, .zst); or a folder of them; or - for stdin.", show_default=False)],
    model: Annotated[Path, typer.Option(help="A model folder.")] = Path("models/default"),
    article: Annotated[bool, typer.Option("--article", help="The files, or folders, are articles: extract quotations, then tag them.")] = False,
    speaker: Annotated[str, typer.Option(help='Who speaks, for all statements ("AMPTP spokesperson").')] = "",
    column: Annotated[str, typer.Option(help="The field that holds the text.")] = "text",
    speaker_column: Annotated[str, typer.Option(help="The field that holds the speaker; the one the model was trained with if not given.", show_default=False)] = "",
    date: Annotated[str, typer.Option(help="Date of the statements; decides which post a person held.")] = "",
    probabilities: Annotated[bool, typer.Option("--probabilities", help="Add the probability of every label.")] = False,
    min_confidence: Annotated[float, typer.Option(min=0, max=1, help="Answers below this become `unsure`.")] = 0.0,
    coverage: Annotated[float | None, typer.Option(help="Add the set of labels that cannot be ruled out at this rate: 0.8, 0.9 or 0.95.")] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write here; the suffix decides the format. A folder where the input is one.")] = None,
    format: Annotated[str, typer.Option(help="table, jsonl, csv or parquet; a table on a terminal and jsonl in a pipe if not given.")] = "",
    resume: ResumeOption = False,
    fast: Annotated[bool, typer.Option("--fast", help="Use the smaller, distilled form; says on stderr what it gives up.")] = False,
    engine: Annotated[str, typer.Option(help="local, or ray for a folder on many cores and machines.")] = "local",
    workers: Annotated[int, typer.Option(min=0, help="Ray workers of one thread; 0 for one a core.")] = 0,
    roster: RosterOption = None,
) -> None:
    """Tag statements by side, tone and topic.

    Examples:

        stance classify "Let's keep talking."

        stance classify statements.csv --column quote --speaker-column who -o tagged.csv

        tail -f quotes.txt | stance classify - | jq .tone

        stance classify --article news/*.html | jq .tone

        stance classify statements.jsonl --min-confidence 0.7 --coverage 0.9

        stance classify decade.parquet -o tagged.parquet --resume

        stance classify shards/ -o tagged/ --engine ray --resume
    """
    from stance.files import is_folder
    from stance.roster import load_roster
    from stance.sinks import sink
    from stance.tagging import load
    from stance.tagging.shards import settings_of, tag_files, tag_folder
    from stance.tagging.streams import Fields, Inputs, tag, windows

    folder = Path(texts[0]) if not article and is_folder(texts[0]) else None
    if folder and len(texts) > 1:
        raise InputError(f"{folder}: one folder at a time, and nothing beside it")
    form = _form(format, output, is_folder=folder is not None)
    if (resume or folder) and not output:
        raise InputError("a folder, or --resume, needs an --output")
    if engine not in ("local", "ray"):
        raise InputError(f"--engine {engine!r} is unknown; allowed: local, ray")
    if engine == "ray" and not folder:
        raise InputError("--engine ray tags a folder into a folder: stance classify shards/ -o tagged/ --engine ray")
    people = load_roster(roster)
    tagger = load(model, people, fast=fast)
    if tagger.manifest.fast and fast:
        lost = ", ".join(f"{name} {points:+.1f}" for name, points in tagger.manifest.fast.lost.items())
        typer.echo(f"--fast, in points against the whole model on held-out statements: {lost}", err=True)
    options: dict[str, Any] = {"date": date, "all_probabilities": probabilities, "min_confidence": min_confidence, "coverage": coverage}
    fields = Fields(column, speaker_column or tagger.manifest.second, speaker, options)
    settings = settings_of(model, fields, roster, fast)
    if folder and output:
        if engine == "ray":
            from stance.tagging.cluster import tag_folder_on_ray

            with progress(None) as report:
                count = tag_folder_on_ray(folder, output, format, (model.resolve(), roster and roster.resolve(), fast), fields, settings, resume, workers, report)
        else:
            with contextlib.ExitStack() as stack:
                count = tag_folder(folder, output, format, tagger, fields, settings, resume, lambda size: stack.enter_context(progress(size)))
        typer.echo(f"{count} statements tagged into {output}", err=True)
    elif article:
        from stance.articles import article_files
        from stance.tagging.quoted import tag_articles

        articles = article_files(map(Path, texts))
        with _reader(len(articles)) as text_of:
            if output:
                with sink(output, form, {"articles": [str(file) for _, file in articles], **settings}, resume) as out, progress(len(articles), "articles", whole=True) as report:
                    report(out.done, 0)
                    for group in tag_articles(articles[out.done :], text_of, tagger, people, fields):
                        out.write(group, out.done + 1)
                        report(1, 0)
            else:
                _print(tag_articles(articles, text_of, tagger, people, fields), form, column, fields.second, fields.speaker, tagger.axes)
    elif output:
        with progress(Inputs(texts).size) as report:
            tag_files(texts, output, form, tagger, fields, settings, resume, report)
    else:
        groups = windows(Inputs(texts, column), soon=form != "table")
        _print((tag(group, tagger, fields) for group in groups), form, column, fields.second, fields.speaker, tagger.axes)


def _form(format: str, output: Path | None, is_folder: bool = False) -> str:
    """The format of an output: as told, else by its suffix, else what suits the terminal or pipe."""
    from stance.sinks import FORMS, form_of

    if format and format not in ("table", *FORMS):
        raise InputError(f"--format {format!r} is unknown; allowed: table, {', '.join(FORMS)}")
    if output is None:
        if format == "parquet":
            raise InputError("Parquet cannot be written to a pipe; name a file with --output")
        return format or ("table" if sys.stdout.isatty() else "jsonl")
    if format == "table":
        raise InputError(f"{output}: a table is for reading on a terminal; write .jsonl, .csv or .parquet")
    form = format or form_of(output)
    if not form and not is_folder:
        raise InputError(f"{output}: its suffix is not known; use .jsonl, .csv (or these with .gz or .zst) or .parquet, or say --format")
    return form


def _print(groups: Iterator[list[Record]], form: str, column: str, second: str, given: str, axes: Sequence[Axis]) -> None:
    import csv

    from stance.files import dump_line, safe_cell

    if form == "table":
        from rich.console import Console
        from rich.table import Column, Table
        from rich.text import Text

        names = [axis.name for axis in axes]
        table = Table(Column("statement", ratio=3), Column("speaker", ratio=1), *(Column(axis.name, no_wrap=True) if axis.kind == "one-of" else Column(axis.name, ratio=1) for axis in axes), expand=True)
        for r in (record for group in groups for record in group):
            cells = [", ".join(r[name]) if isinstance(r[name], list) else f"{r[name]} {r[f'{name}_confidence']:.2f}" for name in names]
            # As Text, so that brackets in a statement are not taken for markup.
            table.add_row(*map(Text, (r[column], str(r.get(second) or given), *cells)))
        Console().print(table)
        return
    writer = None
    for group in groups:
        for record in group:
            if form == "jsonl":
                sys.stdout.write(dump_line(record))
                continue
            if writer is None:
                writer = csv.DictWriter(sys.stdout, list(record), extrasaction="ignore")
                writer.writeheader()
            writer.writerow({key: safe_cell(value) for key, value in record.items()})
        sys.stdout.flush()  # whoever waits at the other end of the pipe has it now


@app.command()
def train(
    sources: Annotated[Path, typer.Option("--data", help="Folder of labelled statements (.jsonl). One that holds train.jsonl and validation.jsonl is taken as split already.")] = Path("data/sources"),
    output: Annotated[Path, typer.Option(help="The model folder to write.")] = Path("models/default"),
    labels: Annotated[Path | None, typer.Option(help="A labels file of your own.")] = None,
    splits: Annotated[Path | None, typer.Option(help="Where the split data set is written; beside the data if not given.", show_default=False)] = None,
    baseline: Annotated[Path | None, typer.Option(help="Model folder of the baseline; the output's name and -baseline if not given.", show_default=False)] = None,
    encoder: Annotated[str | None, typer.Option(help="Another encoder: a folder, or a Hugging Face hub id. A model folder of ours is gone on from. The packaged one if not given.")] = None,
    epochs: Annotated[int | None, typer.Option(min=1, help="Passes over the statements after the primer; the recipe's own number if not given.")] = None,
    seed: Annotated[int, typer.Option()] = 1,
    device: Annotated[str, typer.Option(help="cpu, cuda or mps.")] = "cpu",
    second: Annotated[str, typer.Option(help="The field that holds a second text, such as the speaker or a target.")] = "speaker",
) -> None:
    """Build the data set, train the baseline and the encoder; an interrupted run goes on where it was.

    Examples:

        stance train --data data/sources --output models/default

        stance train --data tweets --labels tweets.toml --second target --output models/tweets

        stance train --data strike/sources --encoder models/default --output models/strike
    """
    from stance.corpus import splits_of
    from stance.labels import DEFAULT_LABELS, load_axes
    from stance.results.history import note, trained
    from stance.training import baseline_of, run

    splits = splits or splits_of(sources)
    baseline = baseline or baseline_of(output)
    run(sources, output, load_axes(labels or DEFAULT_LABELS), splits, baseline, encoder, epochs, seed, device, second)
    try:
        note(output, trained(output))
    except InputError as error:  # the model is there all the same
        typer.echo(f"the history is not kept: {error}", err=True)


app.command()(evaluate)
app.command()(history)
app.command()(label)
app.command()(adjudicate)


@app.command()
def explain(
    text: Annotated[str, typer.Argument(help="A statement.", show_default=False)],
    speaker: Annotated[str, typer.Option(help='Who speaks ("AMPTP spokesperson").')] = "",
    model: Annotated[Path, typer.Option(help="A model folder.")] = Path("models/default"),
    date: Annotated[str, typer.Option(help="Date of the statement; decides which post a person held.")] = "",
    similar: Annotated[int, typer.Option(min=0, help="How many of the most similar labelled statements to show.")] = 3,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write a page (.html) instead.")] = None,
    roster: RosterOption = None,
) -> None:
    """Show the words that carried each label, and the labelled statements most like this one.

    Examples:

        stance explain "They walked out on us, and they call it bargaining."

        stance explain "Our offer stands." --speaker "AMPTP spokesperson" -o why.html
    """
    from stance.files import dump_line, written_beside
    from stance.results.explanation import as_html, as_records, show
    from stance.roster import load_roster
    from stance.tagging import load
    from stance.tagging.explaining import explain as reasons
    from stance.tagging.neighbours import nearest, read_neighbours

    found = reasons(load(model, load_roster(roster)), text, speaker, date)
    like = nearest(*read_neighbours(model), found.pooled, similar) if similar else []
    if output:
        with written_beside(output) as beside:
            beside.write_text(as_html(found, like), encoding="utf-8")
    elif sys.stdout.isatty():
        show(found, like)
    else:
        sys.stdout.write(dump_line(as_records(found, like)))


app.command()(report)


@app.command()
def export(
    output: Annotated[Path, typer.Option("--output", "-o", help="The model folder to write.", show_default=False)],
    model: Annotated[Path, typer.Option(help="The model folder to export from.")] = Path("models/default"),
    form: Annotated[str, typer.Option(help="float32 or int8 of an encoder, baseline of a baseline.")] = "float32",
) -> None:
    """Write a model folder in another form: full precision, int8, or the baseline.

    Example:

        stance export --form float32 -o models/float32
    """
    from stance.training.export import export as write

    forms = ("float32", "int8", "baseline")
    if form not in forms:
        raise InputError(f"--form {form!r} is unknown; allowed: {', '.join(forms)}")
    write(model, output, form)
    typer.echo(f"written to {output}", err=True)


@app.command()
def distil(
    model: Annotated[Path, typer.Option(help="The model folder to make a small form in.")] = Path("models/default"),
    data: Annotated[Path, typer.Option(help="Folder of the split data set that the model was trained on.")] = Path("data/splits"),
    layers: Annotated[int | None, typer.Option(min=1, help="Layers of the small form; the recipe's own number if not given.")] = None,
    width: Annotated[int | None, typer.Option(min=1, help="Units kept of the feed-forward part of each layer; all if not given. Fewer are faster.")] = None,
    epochs: Annotated[int | None, typer.Option(min=1, help="Passes over the statements; the recipe's own number if not given.")] = None,
    device: Annotated[str, typer.Option(help="cpu, cuda or mps.")] = "cpu",
) -> None:
    """Make the small form that `classify --fast` uses, and print what it gives up.

    Examples:

        stance distil --model models/default

        stance distil --model models/default --layers 2 --width 768
    """
    from dataclasses import replace

    from stance.corpus import read_split
    from stance.files import dump_line
    from stance.tagging import read_manifest
    from stance.training.distil import Distillation
    from stance.training.distil import distil as make

    manifest = read_manifest(model, ())
    plan = replace(Distillation(), **{name: value for name, value in (("layers", layers), ("width", width), ("epochs", epochs)) if value})
    learn, held = (read_split(data, part, manifest.axes, manifest.second) for part in ("train", "validation"))
    sys.stdout.write(dump_line(make(model, learn, held, plan, device).lost))


@app.command()
def agree(
    files: Annotated[list[Path], typer.Argument(help="Labelled statements (.jsonl), one file a reader.", show_default=False)],
    labels: Annotated[Path | None, typer.Option(help="A labels file of your own.")] = None,
    second: Annotated[str, typer.Option(help="The field that holds a second text, such as the speaker or a target.")] = "speaker",
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Also write the statements on which readers differ (.jsonl).")] = None,
) -> None:
    """How far readers of the same statements agree: Krippendorff's alpha with 95% intervals, and where they part.

    Example:

        stance agree anna.jsonl ben.jsonl -o to-settle.jsonl
    """
    from stance.files import dump_line, write_json_lines
    from stance.labels import DEFAULT_LABELS, load_axes
    from stance.results.agreement import (
        agreement,
        agreement_tables,
        disagreements,
        read_readers,
        unmatched,
    )
    from stance.results.tables import show

    if len(files) < 2:
        raise InputError("agreement needs the files of two readers or more")
    axes = load_axes(labels or DEFAULT_LABELS)
    readers = read_readers(files, axes, second)
    if sys.stdout.isatty():
        for title, rows in agreement_tables(readers, axes).items():
            show(title, rows)
    else:
        sys.stdout.writelines(dump_line(row) for row in agreement(readers, axes))
    left = unmatched(readers)
    if left:
        typer.echo(f"{left} statements that not all of them labelled are left out", err=True)
    if output:
        count = write_json_lines(output, disagreements(readers, axes))
        typer.echo(f"{count} statements to settle written to {output}", err=True)


def program() -> NoReturn:
    """`main` for the shell: once all is written, the process ends without taking the interpreter and the model apart, a twelfth of the wait for one statement."""
    code: Any = 0
    try:
        main()
    except SystemExit as left:
        code = left.code or 0
    atexit._run_exitfuncs()
    try:
        if sys.stdout:
            sys.stdout.flush()
    except BrokenPipeError:
        pass  # the reader went away, which is its right
    except OSError as error:
        code = _refused(error)
    with contextlib.suppress(OSError):
        sys.stderr.flush()
    os._exit(code)


def main() -> None:
    """Run the program; an error the user can mend is one line and exit code 2."""
    if isinstance(sys.stdout, io.TextIOWrapper) and not sys.stdout.isatty():
        sys.stdout.reconfigure(encoding="utf-8")  # whatever the locale: JSON and CSV are UTF-8
    elif isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a terminal shows what it can
    warnings.showwarning = lambda message, *_: typer.echo(f"stance: warning: {message}", err=True)
    try:
        app()
    except StanceError as error:
        typer.echo(f"stance: {error}", err=True)
        sys.exit(2)
    except Interrupted as error:
        typer.echo(f"stance: {error}", err=True)
        sys.exit(130)  # what a shell expects of a program that ctrl-C ended
    except BrokenPipeError:
        sys.stdout = None  # the reader went away; there is nobody left to flush to
        sys.exit(0)
    except OSError as error:
        sys.stdout = None
        sys.exit(_refused(error))


def _refused(error: OSError) -> int:
    """Say in one line what the system refused; the exit code that goes with it."""
    remedy = "; make room or name another place" if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG) else ""
    typer.echo(f"stance: {error.filename or 'the output'}: {error.strerror or error}{remedy}", err=True)
    return 2


