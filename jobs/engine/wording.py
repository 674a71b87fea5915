"""What jobs and their exceptions say, made fit to be kept and shown: no secrets, nothing that PostgreSQL can't store."""

from opsportal.masking import scrubbed

LONGEST_ERROR = 2000
LONGEST_LINE = 500


def kept(text: object, most: int = LONGEST_ERROR) -> str:
    # PostgreSQL stores neither NUL nor half a surrogate pair.
    return scrubbed(str(text).replace("\x00", "").encode("utf-8", "replace").decode()).strip()[:most]


def in_words(error: BaseException) -> str:
    return kept(f"{type(error).__name__}: {error}")
