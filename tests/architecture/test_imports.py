"""Which part may import which; the contract itself is in pyproject.toml."""

import subprocess
import sys
import tomllib

from tests.architecture.source import APPS, ROOT

LINT = "from importlinter.cli import lint_imports_command; lint_imports_command()"


def unknown_to(contract: dict, apps: list[str]) -> set[str]:
    """Apps that the contract says nothing about."""
    layers = next(one["layers"] for one in contract["contracts"] if one["type"] == "layers")
    placed = {name.strip(" ()") for layer in layers for name in layer.replace(":", "|").split("|")}
    return {app for app in apps if app != "opsportal" and app not in placed} | set(apps) - set(contract["root_packages"])


def contract() -> dict:
    found: dict = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    return found


def lint(folder) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", LINT, "--no-cache"], cwd=folder, capture_output=True, text=True, check=False)


def test_every_app_has_its_layer():
    assert unknown_to(contract(), APPS) == set()
    forbidden = next(one["forbidden_modules"] for one in contract()["contracts"] if one["type"] == "forbidden")
    assert set(forbidden) == set(APPS) - {"opsportal"}


def test_layers_import_downward_only():
    done = lint(ROOT)
    assert done.returncode == 0, done.stdout


def test_the_import_checks_find_a_planted_violation(tmp_path):
    assert unknown_to(contract(), [*APPS, "stray"]) == {"stray"}
    for name, text in {"low": "import high\n", "high": ""}.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text(text)
    (tmp_path / "pyproject.toml").write_text(
        '[tool.importlinter]\nroot_packages = ["low", "high"]\n[[tool.importlinter.contracts]]\nname = "x"\ntype = "layers"\nlayers = ["high", "low"]\n'
    )
    done = lint(tmp_path)
    assert (done.returncode, "low is not allowed to import high" in done.stdout) == (1, True)
