"""What is shipped: wheel and source archive build, and the wheel alone tags statements."""

from __future__ import annotations

import json
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def run(*command: object, cwd: Path = ROOT) -> str:
    done = subprocess.run([str(part) for part in command], cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def archives(tmp_path_factory) -> dict[str, Path]:
    into = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--outdir", into, ROOT)
    return {path.suffix: path for path in into.iterdir()}


def test_archives_hold_what_is_needed_and_no_data(archives):
    names = set(zipfile.ZipFile(archives[".whl"]).namelist())
    shipped = {str(path.relative_to(ROOT / "src")) for path in (ROOT / "src/stance").rglob("*") if path.is_file() and "__pycache__" not in path.parts}
    assert shipped <= names
    assert not [name for name in names if not name.startswith("stance")]
    with tarfile.open(archives[".gz"]) as archive:
        top = {Path(name).parts[1] for name in archive.getnames() if len(Path(name).parts) > 1}
    assert {"src", "README.md", "LICENSE", "pyproject.toml"} <= top
    assert not top & {"data", "models"}


def test_the_wheel_alone_tags_statements(archives, tiny_model, tmp_path, promise):
    kept = promise("The wheel installs in a bare environment, its dependencies agree, and it tags with a model folder given by path, without torch", part="Packaging", unit="installs")
    venv.create(tmp_path / "bare", with_pip=True)
    binaries = tmp_path / "bare" / "bin"
    run(binaries / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--constraint", ROOT / "constraints.txt", archives[".whl"])
    assert "No broken requirements" in run(binaries / "python", "-m", "pip", "check", "--disable-pip-version-check")
    said = run(binaries / "stance", "classify", "Let's keep talking.", "--model", tiny_model, cwd=tmp_path)
    assert json.loads(said)["side"] in ("union", "studio", "other")
    found = run(binaries / "python", "-c", "import importlib.util as u; print([n for n in ('torch', 'transformers', 'sklearn', 'pandas', 'datasets') if u.find_spec(n)])", cwd=tmp_path)
    kept.count(1, int(found.strip() != "[]"))


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_shell_completion(shell):
    said = subprocess.run([Path(sys.executable).with_name("stance")], env={"_STANCE_COMPLETE": f"source_{shell}", "PATH": "/usr/bin:/bin"}, capture_output=True, text=True, check=False)
    assert "stance" in said.stdout and "_STANCE_COMPLETE" in said.stdout, said.stderr


def test_the_command_page_is_that_of_the_program():
    said = run(Path(sys.executable).with_name("typer"), "stance.cli", "utils", "docs", "--name", "stance")
    assert (ROOT / "docs/cli.md").read_text(encoding="utf-8").strip() == said.strip(), "run: make commands"


def test_no_dependency_is_under_the_agpl():
    told = json.loads(run(Path(sys.executable).with_name("pip-licenses"), "--from", "mixed", "--format", "json"))
    assert {"numpy", "onnxruntime", "torch"} <= {package["Name"] for package in told}
    assert not [package["Name"] for package in told if "AGPL" in package["License"].upper() or "AFFERO" in package["License"].upper()]
