"""Who read what, at which version: noted by the reading, written down beside it."""

import pytest

from accounts.models import ApiKey
from opsportal import clock
from switches.models import Read, Switch
from switches.readers import notebook
from tests.switches.conftest import later, off

NAME = "ENABLE_PRICE_TRACKER"


def test_reads_are_noted_with_the_version(product):
    switch = off()
    product.post(NAME)
    notebook.write()
    read = Read.objects.get()
    assert (read.switch, read.client_label, read.version, read.value, read.read_at <= clock.now()) == (NAME, "product", switch.version, False, True)


@pytest.mark.parametrize("flag", [NAME, None])
def test_what_the_environment_forces_is_noted_at_once_at_the_same_version(product, monkeypatch, flag):
    product.post(flag)
    notebook.write()
    first = Read.objects.get(switch=NAME)
    monkeypatch.setenv(NAME, "false")
    later()
    product.post(flag)
    notebook.write()
    again = Read.objects.get(switch=NAME)
    assert (first.value, again.value, again.version) == (True, False, first.version)


def test_a_bulk_read_notes_every_switch_and_304_counts(product):
    etag = product.post()["ETag"]
    notebook.write()
    assert Read.objects.count() == Switch.objects.count() + 1
    Read.objects.all().delete()
    notebook.forget()
    assert product.post(None, "{}", **{"If-None-Match": etag}).status_code == 304
    notebook.write()
    assert Read.objects.count() == Switch.objects.count() + 1


def test_reads_of_the_same_version_are_noted_once_in_a_while_and_a_new_version_at_once(product):
    product.post(NAME)
    notebook.write()
    Read.objects.all().delete()
    product.post(NAME)
    notebook.write()
    assert Read.objects.count() == 0
    off()
    product.post(NAME)
    notebook.write()
    assert Read.objects.count() == 1


def test_an_older_version_read_elsewhere_does_not_take_a_newer_one_back(product):
    switch = off()
    product.post(NAME)
    notebook.write()
    Read.objects.update(version=switch.version + 5, value=True)
    notebook.forget()
    product.post(NAME)
    notebook.write()
    assert (Read.objects.get().version, Read.objects.get().value) == (switch.version + 5, True)


def test_reading_notes_the_use_of_the_key(product):
    product.post(NAME)
    notebook.write()
    assert ApiKey.objects.get().last_used_at is not None
