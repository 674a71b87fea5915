"""The one way to call the outside over HTTP: bounded in time and size, and never led to an address inside by the outside."""

from opsportal.outgoing.address import BadAddress, checked_url
from opsportal.outgoing.client import Answer, Failed, Limits, Session, TooManyRedirects, TooSlow, call

__all__ = ["Answer", "BadAddress", "Failed", "Limits", "Session", "TooManyRedirects", "TooSlow", "call", "checked_url"]
