"""Every notebook, executed from top to bottom on the case that ships with Tracer."""

import shutil
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


def executed(notebook: Path, folder: Path) -> nbformat.NotebookNode:
    place = folder / "notebooks"
    place.mkdir(exist_ok=True)
    shutil.copytree(ROOT / "sample_data", folder / "sample_data", dirs_exist_ok=True)
    content = nbformat.read(notebook, as_version=4)
    client = NotebookClient(content, timeout=300, resources={"metadata": {"path": str(place)}})
    return client.execute()


def text(notebook: nbformat.NotebookNode) -> str:
    shown = []
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            assert output.output_type != "error"
            assert output.get("name") != "stderr", output.text
            shown.append(output.get("text", ""))
            shown.extend(map(str, output.get("data", {}).values()))
    return "\n".join(shown)


def test_there_are_notebooks() -> None:
    assert NOTEBOOKS


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_ships_without_outputs(notebook: Path) -> None:
    cells = nbformat.read(notebook, as_version=4).cells
    assert not any(cell.get("outputs") or cell.get("execution_count") for cell in cells)


def test_the_first_case_runs_and_runs_again(tmp_path: Path) -> None:
    first = text(executed(ROOT / "notebooks" / "01-第一案.ipynb", tmp_path))
    for told in ("6.22E+18", "先进先出", "止付冻结清单/全案.xlsx", "manifest.json", "chosen"):
        assert told in first
    assert "content-security-policy" in first.lower()
    again = text(executed(ROOT / "notebooks" / "01-第一案.ipynb", tmp_path))
    assert "未重复载入" in again


def test_conclusions_are_questioned_without_the_first_notebook(tmp_path: Path) -> None:
    notebook = ROOT / "notebooks" / "02-结论站得住吗.ipynb"
    alone = text(executed(notebook, tmp_path))
    for told in (
        "差异最大的账户",
        "不依赖规则即可认定",
        "本笔转账因此由",
        "待调单",
        "期初余额",
        "付款方是单位",
    ):
        assert told in alone
