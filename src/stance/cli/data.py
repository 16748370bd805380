"""`stance data`: make, check and describe the labelled data set."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

data = typer.Typer(no_args_is_help=True, help="Make, check and describe the labelled data set.")

SourcesOption = Annotated[Path, typer.Option("--data", help="Folder of labelled statements (.jsonl).")]
SplitsOption = Annotated[Path | None, typer.Option(help="Where the split data set is written; beside the data if not given.", show_default=False)]
SecondOption = Annotated[str, typer.Option(help="The field that holds a second text, such as the speaker or a target.")]
LabelsOption = Annotated[Path | None, typer.Option(help="A labels file of your own.")]


@data.command("check")
def data_check(sources: SourcesOption = Path("data/sources"), splits: SplitsOption = None, labels: LabelsOption = None, second: SecondOption = "speaker") -> None:
    """Build the splits and look for faults: schema, duplicates, leakage between splits.

    Example:

        stance data check --data data/sources
    """
    from stance.corpus import build, check, read_sources, splits_of
    from stance.corpus.held_out import FILE, read_held_out
    from stance.errors import DataError
    from stance.labels import DEFAULT_LABELS, load_axes
    from stance.training.embedding import embedder

    axes, held_out = load_axes(labels or DEFAULT_LABELS), read_held_out(sources.parent / FILE)
    splits = splits or splits_of(sources)
    embed = embedder(splits / "embeddings.safetensors")
    sizes = build(read_sources(sources, axes, second), splits, held_out, embed)
    faults = check(sources.glob("*.jsonl"), splits, axes, embed, held_out, second)
    for fault in faults:
        typer.echo(fault)
    if faults:
        raise DataError(f"{sources}: {len(faults)} faults, listed above")
    typer.echo("no faults; " + ", ".join(f"{name} {size}" for name, size in sizes.items()))


@data.command("stats")
def data_stats(
    sources: SourcesOption = Path("data/sources"),
    splits: SplitsOption = None,
    labels: LabelsOption = None,
    second: SecondOption = "speaker",
    card: Annotated[Path | None, typer.Option(help="Put the tables into this data card, between its marks.")] = None,
    picture: Annotated[Path | None, typer.Option(help="Draw labels and lengths into this file (.png or .svg).")] = None,
) -> None:
    """Counts of the data set: origins, splits, labels, lengths.

    Example:

        stance data stats --card data/README.md --picture data/balance.png
    """
    from stance.corpus import fill_card, markdown, read_sources, splits_of, tables
    from stance.files import read_text, written_beside
    from stance.labels import DEFAULT_LABELS, load_axes
    from stance.results.agreement import AGREED, FOLDER, agreement_tables, read_readers

    axes = load_axes(labels or DEFAULT_LABELS)
    everything = read_sources(sources, axes, second)
    found = tables(everything, splits or splits_of(sources), axes)
    for sample in sorted((sources.parent / FOLDER).glob("*/")):
        found |= agreement_tables(read_readers(sorted(sample.glob("*.jsonl")), axes), axes, AGREED, sample.name)
    block = markdown(found)
    if card:
        text = fill_card(read_text(card), block)
        with written_beside(card) as beside:
            beside.write_text(text, encoding="utf-8")
    else:
        typer.echo(block, nl=False)
    if picture:
        from stance.results.pictures import balance, save

        save(balance(everything, axes), picture)


@data.command("generate")
def data_generate(
    output: Annotated[Path, typer.Option("--output", "-o")] = Path("data/sources/generated.jsonl"),
    count: Annotated[int, typer.Option(min=1)] = 1500,
    seed: Annotated[int, typer.Option()] = 1,
    roster: Annotated[Path | None, typer.Option(help="A roster file of your own, instead of the built-in one.")] = None,
) -> None:
    """Write grammar-made statements, a primer for training.

    Example:

        stance data generate --count 1500 -o data/sources/generated.jsonl
    """
    from stance.corpus.grammar import generate
    from stance.files import write_json_lines
    from stance.roster import load_roster

    written = write_json_lines(output, generate(load_roster(roster), count, seed))
    typer.echo(f"{written} statements written to {output}", err=True)


@data.command("hold-out")
def data_hold_out(
    sources: SourcesOption = Path("data/sources"),
    size: Annotated[int, typer.Option(min=1, help="Restated statements to hold out.")] = 1000,
    seed: Annotated[int, typer.Option()] = 1,
    labels: LabelsOption = None,
) -> None:
    """Choose the disputes and pages of the restated test set. Done once: figures before and after it cannot be compared.

    Example:

        stance data hold-out --data data/sources --size 1000
    """
    from stance.corpus import read_sources
    from stance.corpus.held_out import FILE, choose, write_held_out
    from stance.labels import DEFAULT_LABELS, load_axes

    axes = load_axes(labels or DEFAULT_LABELS)
    held = choose(read_sources(sources, axes), axes, size, seed)
    write_held_out(sources.parent / FILE, held)
    typer.echo(f"{len(held.disputes)} disputes and {len(held.pages)} pages written to {sources.parent / FILE}", err=True)


@data.command("suspects")
def data_suspects(
    sources: SourcesOption = Path("data/sources"),
    output: Annotated[Path, typer.Option("--output", "-o", help="Where the list is written (.jsonl).")] = Path("models/suspects.jsonl"),
    work: Annotated[Path, typer.Option(help="Where the predictions of each fold are kept.")] = Path("models/folds"),
    seed: Annotated[int, typer.Option()] = 1,
    labels: LabelsOption = None,
    second: SecondOption = "speaker",
    encoder: Annotated[str | None, typer.Option(help="Another encoder: a folder, or a Hugging Face hub id. The packaged one if not given.")] = None,
) -> None:
    """List labels that are likely wrong: each statement is judged by a model that has not seen it. An interrupted run goes on.

    Example:

        stance data suspects --data data/sources -o suspects.jsonl
    """
    from stance.corpus import read_statements
    from stance.errors import DataError
    from stance.files import write_json_lines
    from stance.labels import DEFAULT_LABELS, load_axes
    from stance.tagging.folder import MANIFEST
    from stance.training.encoder import recipe_for
    from stance.training.folds import out_of_fold
    from stance.training.model import find_encoder
    from stance.training.suspects import suspects

    source = find_encoder(encoder)
    if (source / MANIFEST).exists():
        raise DataError(f"--encoder {encoder}: a model of ours, which may have learnt these very labels; name an encoder that has not")
    axes = load_axes(labels or DEFAULT_LABELS)
    places = [(path, number, s) for path in sorted(sources.glob("*.jsonl")) for number, s in enumerate(read_statements(path, axes, second), 1) if s.origin != "quoted"]
    if not places:
        raise DataError(f"{sources}: no statements there (.jsonl files); name the folder with --data")
    statements = [s for _, _, s in places]
    logits = out_of_fold(statements, axes, work, recipe_for(axes, seed), source)

    def rows() -> Iterator[dict[str, Any]]:
        for row in suspects(statements, axes, logits["with"]):
            path, number, s = places[row.pop("row")]
            yield {"file": str(path), "statement": number, **row, "text": s.text, second: s.speaker, "origin": s.origin, "labels": s.labels}

    count = write_json_lines(output, rows())
    typer.echo(f"{count} doubtful labels of {len(statements)} statements written to {output}", err=True)


FormOption = Annotated[str, typer.Option(help="label-studio, doccano, csv or datasets (a folder that save_to_disk writes).", show_default=False)]


@data.command("add")
def data_add(
    file: Annotated[Path, typer.Argument(help="Labelled statements (.jsonl), or a reader's file of `stance label`.", show_default=False)],
    into: Annotated[Path, typer.Option(help="The file of the data set's folder that takes them.")] = Path("data/sources/labelled.jsonl"),
    replace: Annotated[bool, typer.Option("--replace", help="Where a statement is there with other labels, take the new ones.")] = False,
    labels: LabelsOption = None,
    second: SecondOption = "speaker",
) -> None:
    """Merge labelled statements into a data set: labels and fields are checked, doubles left out, nothing is half-written.

    Examples:

        stance data add labels/agreed.jsonl --into mine/labelled.jsonl --labels mine.toml

        stance data add labels/review.jsonl --replace
    """
    from stance.corpus.adding import add
    from stance.labelling import read_labelled
    from stance.labels import DEFAULT_LABELS, load_axes

    axes = load_axes(labels or DEFAULT_LABELS)
    new, replaced, there = add(read_labelled(file, axes, second), into, axes, second, replace)
    typer.echo(f"{new} new, {replaced} replaced, {there} there already; {into}", err=True)


@data.command("import")
def data_import(
    file: Annotated[Path, typer.Argument(help="What the other program wrote.", show_default=False)],
    form: FormOption,
    output: Annotated[Path, typer.Option("--output", "-o", help="The file of statements to write (.jsonl).", show_default=False)],
    labels: LabelsOption = None,
) -> None:
    """Read labelled statements of another program.

    Example:

        stance data import export.json --form label-studio -o statements.jsonl
    """
    from stance.corpus.exchange import read_as
    from stance.files import write_json_lines
    from stance.labels import DEFAULT_LABELS, load_axes

    count = write_json_lines(output, (s.record() for s in read_as(form, file, load_axes(labels or DEFAULT_LABELS))))
    typer.echo(f"{count} statements written to {output}", err=True)


@data.command("export")
def data_export(
    file: Annotated[Path, typer.Argument(help="Labelled statements (.jsonl), or a reader's file of `stance label`.", show_default=False)],
    form: FormOption,
    output: Annotated[Path, typer.Option("--output", "-o", help="The file, or for datasets the folder, to write.", show_default=False)],
    labels: LabelsOption = None,
    second: SecondOption = "speaker",
) -> None:
    """Write labelled statements for another program.

    Example:

        stance data export labels/anna.jsonl --form doccano -o anna.doccano.jsonl
    """
    from stance.corpus.exchange import write_as
    from stance.labelling import read_labelled
    from stance.labels import DEFAULT_LABELS, load_axes

    axes = load_axes(labels or DEFAULT_LABELS)
    found = read_labelled(file, axes, second)
    write_as(form, output, found, axes)
    typer.echo(f"{len(found)} statements written to {output}", err=True)
