"""The search in `search` columns, by their trigram indexes."""

from django.db.models import Q

MOST_WORDS = 8
# A trigram index finds parts of three letters and more; shorter ones only at the beginning of a word.
# https://www.postgresql.org/docs/current/pgtrgm.html
SHORTEST_PART = 3


def matching(text: str, column: str = "search") -> Q:
    """Every word of the text stands somewhere in it; one of one or two letters, at the beginning of a word."""
    found = Q()
    for word in text.replace("\x00", "").lower().split()[:MOST_WORDS]:
        if len(word) < SHORTEST_PART:
            found &= Q(**{f"{column}__startswith": word}) | Q(**{f"{column}__contains": f" {word}"})
        else:
            found &= Q(**{f"{column}__contains": word})
    return found
