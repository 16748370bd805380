"""A model folder is data: whatever is wrong with one is a line, and nothing in it is run."""

from __future__ import annotations

import json
import os
import pickle
import shutil
from pathlib import Path

import onnx
import pytest
from typer.testing import CliRunner

from stance.cli import app
from stance.errors import StanceError
from stance.tagging.folder import MANIFEST, digest, read_manifest, write_manifest

PART = "Trust"
GRAPH = "model.int8.onnx"


class Bomb:
    """Unpickled, it leaves a mark."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self):
        return (os.mkdir, (str(self.mark),))


def change_manifest(folder: Path, change) -> None:
    raw = json.loads((folder / MANIFEST).read_text())
    change(raw)
    (folder / MANIFEST).write_text(json.dumps(raw))


def renamed(folder: Path, name: str) -> None:
    change_manifest(folder, lambda raw: raw["files"].update({name: raw["files"].pop("tokenizer.json")}))


def linked(folder: Path, name: str) -> None:
    shutil.move(folder / name, folder.parent / "elsewhere")
    (folder / name).symlink_to(folder.parent / "elsewhere")


def swapped(folder: Path, name: str, content: bytes) -> None:
    """Other content with the right digest: somebody made the folder so."""
    (folder / name).write_bytes(content)
    write_manifest(folder, read_manifest(folder, ()))


def outside(folder: Path) -> None:
    """A graph whose weights are said to lie outside the folder."""
    (folder.parent / "secret").write_bytes(bytes(4_000_000))
    model = onnx.load(folder / GRAPH)
    largest = max(model.graph.initializer, key=lambda t: len(t.raw_data))
    size = len(largest.raw_data)
    largest.ClearField("raw_data")
    largest.data_location = onnx.TensorProto.EXTERNAL
    for key, value in (("location", "../secret"), ("offset", "0"), ("length", str(size))):
        largest.external_data.add(key=key, value=value)
    onnx.save(model, folder / GRAPH)
    write_manifest(folder, read_manifest(folder, ()))


def grown(folder: Path) -> None:
    with (folder / GRAPH).open("r+b") as handle:
        handle.truncate(5 << 30)  # a hole: no disk is filled


FAULTS = {
    "graph changed": lambda f: (f / GRAPH).write_bytes(b"x" + (f / GRAPH).read_bytes()),
    "tokenizer changed": lambda f: (f / "tokenizer.json").write_text("{}"),
    "file missing": lambda f: (f / "tokenizer.json").unlink(),
    "file is a folder": lambda f: ((f / "tokenizer.json").unlink(), (f / "tokenizer.json").mkdir()),
    "symbolic link": lambda f: linked(f, "tokenizer.json"),
    "graph is a symbolic link": lambda f: linked(f, GRAPH),
    "path out of the folder": lambda f: renamed(f, "../tokenizer.json"),
    "absolute path": lambda f: renamed(f, "/etc/passwd"),
    "path into a folder": lambda f: renamed(f, "sub/tokenizer.json"),
    "another format": lambda f: change_manifest(f, lambda raw: raw.update(format=99)),
    "no manifest": lambda f: (f / MANIFEST).unlink(),
    "manifest is a link": lambda f: linked(f, MANIFEST),
    "graph is no graph": lambda f: swapped(f, GRAPH, b"not a graph"),
    "graph is a pickle": lambda f: swapped(f, GRAPH, pickle.dumps(Bomb(f.parent / "mark"))),
    "tokenizer is no tokenizer": lambda f: swapped(f, "tokenizer.json", b'{"model": {"type": "exec"}}'),
    "weights outside the folder": outside,
    "graph too large": grown,
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_bad_model_folder_is_refused_in_a_line(tiny_model, tmp_path, promise, fault):
    kept = promise("A model folder that is damaged, or reaches outside itself, is refused in one line", part=PART, unit="folders")
    folder = tmp_path / "model"
    shutil.copytree(tiny_model, folder)
    FAULTS[fault](folder)
    with kept.attempt():
        result = CliRunner().invoke(app, ["classify", "Let's talk.", "--model", str(folder)])
        assert isinstance(result.exception, StanceError), result.exception
        assert "\n" not in str(result.exception) and str(tmp_path) in str(result.exception)
        assert not (tmp_path / "mark").exists()


def test_what_the_manifest_does_not_name_is_never_opened(tiny_model, tmp_path, promise):
    kept = promise("Nothing in a model folder is unpickled or run", part=PART, unit="files")
    folder = tmp_path / "model"
    shutil.copytree(tiny_model, folder)
    mark = tmp_path / "mark"
    for name in ("model.pkl", "pytorch_model.bin", "model.joblib", "tf-idf.skops", "training_args.bin", "conftest.py", "modeling_stance.py", "sitecustomize.py"):
        with kept.attempt():
            (folder / name).write_bytes(f"import os; os.mkdir({str(mark)!r})".encode() if name.endswith(".py") else pickle.dumps(Bomb(mark)))
            result = CliRunner().invoke(app, ["classify", "Let's talk.", "--model", str(folder)])
            assert result.exit_code == 0 and not mark.exists()
    pickle.loads((folder / "model.pkl").read_bytes())  # noqa: S301 -- the bomb does go off where a pickle is read
    assert mark.exists()


def test_code_named_by_a_model_is_not_run(tiny_model, tmp_path, promise):
    from stance.training.model import StanceModel

    kept = promise("Code that a model's configuration names is not run", part=PART, unit="folders")
    folder = tmp_path / "model"
    shutil.copytree(tiny_model, folder)
    config = json.loads((folder / "config.json").read_text())
    config["auto_map"] = {"AutoConfig": "evil.Evil", "AutoModel": "evil.Evil"}
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "evil.py").write_text(f"import os; os.mkdir({str(tmp_path / 'mark')!r})\nclass Evil: pass\n")
    with kept.attempt(60):
        StanceModel.from_pretrained(folder)
        assert not (tmp_path / "mark").exists()


def test_the_packaged_encoder_is_checked(monkeypatch, promise):
    from stance.errors import ModelError
    from stance.training import model

    kept = promise("The packaged encoder is used only with its known digest", part=PART, unit="digests")
    with kept.attempt(60):
        assert digest(model.packaged_encoder() / "model.safetensors") == model.WEIGHTS_SHA256
    monkeypatch.setattr(model, "WEIGHTS_SHA256", "0" * 64)
    with kept.attempt(60), pytest.raises(ModelError, match="not the known one"):
        model.packaged_encoder()
