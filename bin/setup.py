"""Makes the virtualenv and keeps it in step with a requirements file: `setup.py VENV REQUIREMENTS`.

Runs on whatever Python the machine has, so it uses the standard library only. Quick when there is nothing to do.
"""

import fcntl
import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FILES = ("requirements.txt", "requirements-dev.txt")


def main(venv: Path, needs: str) -> None:
    if is_ready(venv, needs):
        return
    with (ROOT / needs).open() as lock:
        # Two commands started at once: the second waits, and then finds it done.
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not is_ready(venv, needs):
            make(venv, needs)


def is_ready(venv: Path, needs: str) -> bool:
    try:
        done = (venv / "opsportal-installed").read_text().splitlines()
    except OSError:
        return False
    return stamp(venv, needs) in done and not (venv / "opsportal-half-made").exists() and works(venv)


def stamp(venv: Path, needs: str) -> str:
    """What the file asks for, where: a virtualenv that was moved no longer matches."""
    content = b"".join((ROOT / name).read_bytes() for name in FILES[: FILES.index(needs) + 1])
    return f"{needs} {hashlib.sha256(content).hexdigest()} {venv}"


def works(venv: Path) -> bool:
    try:
        return subprocess.run([venv / "bin" / "python", "-c", ""], check=False, stderr=subprocess.DEVNULL).returncode == 0
    except OSError:
        return False


def make(venv: Path, needs: str) -> None:
    half_made = venv / "opsportal-half-made"
    if venv.exists() and not (venv / "pyvenv.cfg").exists() and any(venv.iterdir()) and not half_made.exists():
        fail(f"OPS_VENV: {venv} holds something that is no virtualenv; name another folder.")
    if half_made.exists() or not works(venv) or not belongs_here(venv):
        shutil.rmtree(venv, ignore_errors=True)
    if not venv.exists():
        venv.mkdir(parents=True)
        half_made.touch()
        run([base_python(), "-m", "venv", venv], "The virtualenv could not be made")
    half_made.touch()
    print(f"Installing {needs} into {venv}; this takes a minute, and only the first time.", file=sys.stderr)
    pip = [venv / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"]
    run([*pip, "-r", ROOT / needs], f"The packages of {needs} could not be installed")
    also = [stamp(venv, name) for name in FILES[: FILES.index(needs) + 1]]
    (venv / "opsportal-installed").write_text("\n".join(also) + "\n")
    half_made.unlink()


def belongs_here(venv: Path) -> bool:
    """Whether its scripts were written for this place; nothing installed yet is fine too."""
    pip = venv / "bin" / "pip"
    return pip.exists() and str(venv) in pip.read_text(errors="replace").partition("\n")[0]


def base_python() -> str:
    """The Python outside of any virtualenv: the one that runs this may be the one to be replaced."""
    return getattr(sys, "_base_executable", None) or sys.executable


def run(command: list, why: str) -> None:
    done = subprocess.run(
        [str(part) for part in command], check=False, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    if done.returncode != 0:
        lines = [line.strip() for line in done.stdout.splitlines() if line.strip()]
        errors = [line for line in lines if "ERROR" in line] or lines or [f"exit code {done.returncode}"]
        fail(f"{why}: {errors[-1].removeprefix('ERROR: ')}")


def fail(line: str) -> None:
    raise SystemExit(line)


if __name__ == "__main__":
    try:
        main(Path(sys.argv[1]).absolute(), sys.argv[2])
    except OSError as error:
        fail(f"The virtualenv cannot be made: {error.strerror}: {error.filename}. OPS_VENV names another place for it.")
    except KeyboardInterrupt:
        sys.exit(130)
