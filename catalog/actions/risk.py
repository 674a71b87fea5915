"""The risk of an offer: on a person's word, and whenever what is shown of it changes."""

from catalog.risk.writing import recalculate

__all__ = ["recalculate"]
