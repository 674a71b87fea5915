"""How long this process has been serving, and which version of the portal it is."""

import time
import tomllib
from functools import cache

from django.conf import settings

_began = time.monotonic()


def seconds() -> int:
    return int(time.monotonic() - _began)


@cache
def version() -> str:
    """The version in pyproject.toml: the portal runs from its folder, it is not an installed package."""
    with (settings.BASE_DIR / "pyproject.toml").open("rb") as file:
        return str(tomllib.load(file)["project"]["version"])
