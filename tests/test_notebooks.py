"""Notebooks as saved: executed, with their pictures, defining nothing, and without what changes from run to run."""

import ast
import json
from pathlib import Path

import pytest

NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_saved_notebook(path):
    notebook = json.loads(path.read_text(encoding="utf-8"))
    assert notebook["metadata"] == {"language_info": {"name": "python"}}, "save it with: make notebooks"
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert [cell["execution_count"] for cell in code] == list(range(1, len(code) + 1))
    assert all(not cell["metadata"] for cell in notebook["cells"])
    outputs = [output for cell in code for output in cell["outputs"]]
    assert any("image/png" in output.get("data", {}) for output in outputs)
    assert not [output for output in outputs if output["output_type"] == "error" or output.get("name") == "stderr"]
    for cell in code:
        defined = [node for node in ast.walk(ast.parse("".join(cell["source"]))) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)]
        assert not defined, "a function belongs into stance"
        before = notebook["cells"][notebook["cells"].index(cell) - 1]
        assert before["cell_type"] == "markdown" or cell is not code[0]
    assert {path.stem[:2] for path in NOTEBOOKS} == {f"{number:02d}" for number in range(1, len(NOTEBOOKS) + 1)}
