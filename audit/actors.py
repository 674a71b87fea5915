import getpass
import socket
from dataclasses import dataclass

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class ActorKind(TextChoices):
    PERSON = "person", _("person")
    CLIENT = "client", _("API client")
    CLI = "cli", _("command line")
    SYSTEM = "system", _("system")
    ANONYMOUS = "anonymous", _("nobody signed in")


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did it. `id` is a key of its kind (a person's id, a client's id, a login name); `label` is what people read."""

    kind: ActorKind
    id: str
    label: str

    @classmethod
    def cli(cls) -> "Actor":
        """The operating-system user at this machine's prompt."""
        try:
            user = getpass.getuser()
        except (KeyError, OSError):
            user = "unknown"
        host = socket.gethostname()
        return cls(ActorKind.CLI, f"{user}@{host}", f"{user}@{host}")

    @classmethod
    def system(cls, part: str) -> "Actor":
        """The portal itself; `part` says which piece of it."""
        return cls(ActorKind.SYSTEM, part, part)

    @classmethod
    def anonymous(cls, label: str = "") -> "Actor":
        """Somebody who is not signed in; `label` is what they claimed to be."""
        return cls(ActorKind.ANONYMOUS, "", label)
