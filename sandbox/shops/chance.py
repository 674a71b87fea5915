"""Chance that falls the same way every time: a number drawn from the words that it is about."""

from zlib import crc32


def among(many: int, *about: object) -> int:
    """From 0 to many - 1."""
    return crc32("|".join(map(str, about)).encode()) % many


def between(least: float, most: float, *about: object) -> float:
    return least + (most - least) * among(10_001, *about) / 10_000
