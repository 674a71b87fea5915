import hashlib
import os
import pwd
import shutil
import stat
import subprocess
import tempfile
from pathlib import Path


class EmbeddedError(Exception):
    """An embedded server could not be started or stopped; the text is one line for a person."""


class Place:
    """Where the embedded servers keep data and sockets, and as whom PostgreSQL runs.

    PostgreSQL refuses to run as root; root runs it as ``nobody``. Where ``nobody`` cannot reach ``var/`` (a 0700 parent),
    the data folder stands in /var/tmp and ``var/postgres`` links to it.
    Sockets stand in a short 0700 folder: a socket's path may have 107 bytes at most.
    """

    def __init__(self, var: Path) -> None:
        self.var = var.resolve()
        self.key = hashlib.sha256(os.fsencode(self.var)).hexdigest()[:12]
        self.sockets = Path(tempfile.gettempdir()) / f"opsportal-{os.getuid()}-{self.key}"

    @property
    def postgres_user(self) -> str | None:
        return "nobody" if os.getuid() == 0 else None

    def as_postgres_user(self) -> dict[str, object]:
        """Arguments for subprocess that drop root's rights."""
        if not self.postgres_user:
            return {}
        entry = pwd.getpwnam(self.postgres_user)
        return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}

    def socket_folder(self, name: str, *, for_postgres: bool = False) -> Path:
        self._own_folder(self.sockets, 0o711)
        folder = self.sockets / name
        self._own_folder(folder, 0o700, for_postgres=for_postgres)
        return folder

    def _own_folder(self, folder: Path, mode: int, *, for_postgres: bool = False) -> None:
        folder.mkdir(mode=mode, exist_ok=True)
        if for_postgres and self.postgres_user:
            shutil.chown(folder, self.postgres_user)
            return
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
            raise EmbeddedError(f"{folder} belongs to somebody else; remove it and start again.")
        folder.chmod(mode)

    def postgres_data(self) -> Path:
        """The data folder, made (empty) and owned by the user PostgreSQL runs as."""
        data = self.var / "postgres"
        if data.is_dir():
            return data.resolve()
        if self.can_reach(self.var):
            data.mkdir(mode=0o700)
        else:
            elsewhere = Path("/var/tmp") / f"opsportal-{self.key}"
            shutil.rmtree(elsewhere, ignore_errors=True)
            elsewhere.mkdir(mode=0o700)
            data.unlink(missing_ok=True)
            data.symlink_to(elsewhere)
        if self.postgres_user:
            shutil.chown(data, self.postgres_user)
        return data.resolve()

    def can_reach(self, folder: Path) -> bool:
        """Whether the user PostgreSQL runs as may enter the folder."""
        if not self.postgres_user:
            return True
        probe = subprocess.run(
            ["/bin/sh", "-c", 'cd "$0" && ls >/dev/null', str(folder)], cwd="/", stderr=subprocess.DEVNULL, **self.as_postgres_user()
        )  # type: ignore[call-overload]
        return probe.returncode == 0
