import hashlib
import os
import pwd
import secrets
import shutil
import stat
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

# Where PostgreSQL's data stands when its user can't reach var/.
OUTSIDE = Path("/var/tmp")


class EmbeddedError(Exception):
    """An embedded server could not be started or stopped; the text is one line for a person."""


class Place:
    """Where the embedded servers keep data and sockets, and as whom PostgreSQL runs.

    PostgreSQL refuses to run as root; root runs it as ``nobody``. Where ``nobody`` cannot reach ``var/`` (a 0700 parent),
    the data folder stands in /var/tmp and ``var/postgres`` links to it, by a name that is made anew with that link: whoever
    removes ``var/`` gets a new database, as where the data stands in it.
    Sockets stand in a short folder of this user's: a socket's path may have 107 bytes at most. It is in /tmp whatever
    TMPDIR says, because every process must find the same one.
    """

    def __init__(self, var: Path) -> None:
        self.var = var.resolve()
        self.key = hashlib.sha256(os.fsencode(self.var)).hexdigest()[:12]
        self.sockets = Path("/tmp") / f"opsportal-{os.getuid()}-{self.key}"

    @property
    def postgres_user(self) -> str | None:
        return "nobody" if os.getuid() == 0 else None

    def as_postgres_user(self) -> dict[str, Any]:
        """Arguments for subprocess that drop root's rights."""
        if not self.postgres_user:
            return {}
        entry = pwd.getpwnam(self.postgres_user)
        return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}

    def socket_folder(self, name: str, *, for_postgres: bool = False) -> Path:
        self._own_folder(self.sockets, 0o711)
        folder = self.sockets / name
        folder.mkdir(mode=0o700, exist_ok=True)
        if for_postgres:
            self.give_to_postgres(folder)
        return folder

    def give_to_postgres(self, folder: Path) -> None:
        if self.postgres_user:
            shutil.chown(folder, self.postgres_user)

    def _own_folder(self, folder: Path, mode: int) -> None:
        folder.mkdir(mode=mode, exist_ok=True)
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
            raise EmbeddedError(f"{folder} belongs to somebody else; remove it and start again.")
        folder.chmod(mode)

    def postgres_data(self) -> Path:
        """Where PostgreSQL's data folder is, or is to be made."""
        data = self.var / "postgres"
        if not data.is_dir() and self.var.is_dir() and not self.can_reach(self.var):
            self._link_outside(data)
        return data.resolve()

    def _link_outside(self, data: Path) -> None:
        if data.is_symlink() and data.readlink().name.startswith(f"opsportal-{self.key}-"):
            # Its folder is still to be made, or was swept from /var/tmp.
            return
        data.unlink(missing_ok=True)
        with suppress(FileExistsError):
            data.symlink_to(OUTSIDE / f"opsportal-{self.key}-{secrets.token_hex(4)}")

    def adopt(self, data: Path) -> Path:
        """The data of a ``var/`` that was moved here, under this place's name from now on: the next one at its old path would remove it."""
        if data.parent != OUTSIDE or data.name.startswith(f"opsportal-{self.key}-"):
            return data
        link, adopted = self.var / "postgres", OUTSIDE / f"opsportal-{self.key}-{secrets.token_hex(4)}"
        data.rename(adopted)
        link.unlink()
        link.symlink_to(adopted)
        return adopted

    def left_outside(self) -> Iterator[Path]:
        """Data in /var/tmp of a ``var/`` that was at this path and is gone: without its link nobody finds it any more. Only what is ours."""
        keep = self.postgres_data()
        owner = pwd.getpwnam(self.postgres_user).pw_uid if self.postgres_user else os.getuid()
        for folder in (*OUTSIDE.glob(f"opsportal-{self.key}"), *OUTSIDE.glob(f"opsportal-{self.key}-*")):
            found = folder.lstat()
            if folder != keep and stat.S_ISDIR(found.st_mode) and found.st_uid == owner:
                yield folder

    def can_reach(self, folder: Path) -> bool:
        """Whether the user PostgreSQL runs as may enter and read the folder."""
        if not self.postgres_user:
            return True
        command = ["/bin/sh", "-c", 'cd "$0" && ls >/dev/null', str(folder)]
        return subprocess.run(command, cwd="/", stderr=subprocess.DEVNULL, **self.as_postgres_user()).returncode == 0
