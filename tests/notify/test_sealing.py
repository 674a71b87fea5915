import pytest

from notify.sealing import Unreadable, fingerprint, seal, unseal


def test_sealed_text_opens_and_shows_nothing():
    sealed = seal("whsec_ção")
    assert unseal(sealed) == "whsec_ção"
    assert "whsec" not in sealed
    assert seal("whsec_ção") != sealed


def test_earlier_key_opens_while_it_is_a_fallback(settings):
    sealed = seal("x")
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another", [settings.SECRET_KEY]
    assert unseal(sealed) == "x"
    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(Unreadable):
        unseal(sealed)


def test_fingerprint_tells_apart():
    assert (len(fingerprint("a")), fingerprint("a") == fingerprint("b")) == (8, False)
