"""The repository's own source, for the checks that read it."""

import ast
from collections.abc import Iterator
from pathlib import Path

from django.apps import apps

ROOT = Path(__file__).resolve().parent.parent.parent
APPS = sorted(config.name for config in apps.get_app_configs() if Path(config.path).parent == ROOT)
OWN = [*APPS, "tests", "bench", "bin"]


def python_files(folders: list[str] = OWN) -> list[Path]:
    files = [path for folder in folders for path in (ROOT / folder).rglob("*.py")] + list(ROOT.glob("*.py"))
    return sorted(path for path in files if "migrations" not in path.parts)


def functions(source: str) -> Iterator[tuple[str, int, ast.FunctionDef | ast.AsyncFunctionDef]]:
    """Name, length in lines from its `def`, and tree of each function."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, (node.end_lineno or node.lineno) - node.lineno + 1, node
