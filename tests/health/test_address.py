from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from health.address import BadAddress, Said, Target, parse, run_id
from health.models import Kind

ID = "45d375f7-486e-4beb-9b53-f1912806ee27"
BY_ID = Target(uuid=UUID(ID))
BY_SLUG = Target(key="k_1-A", slug="nightly_backup-2")
SAID = {
    "": Said(Kind.SUCCESS), "/start": Said(Kind.START), "/fail": Said(Kind.FAIL), "/log": Said(Kind.LOG), "/0": Said(Kind.SUCCESS, 0),
    "/1": Said(Kind.FAIL, 1), "/255": Said(Kind.FAIL, 255), "/007": Said(Kind.FAIL, 7),
}  # fmt: skip


@pytest.mark.parametrize("slash", ["", "/"])
@pytest.mark.parametrize("ending", SAID)
@pytest.mark.parametrize(("beginning", "target"), [(ID, BY_ID), (ID.upper(), BY_ID), ("k_1-A/nightly_backup-2", BY_SLUG)])
def test_an_address_says_who_and_what(beginning, target, ending, slash):
    assert parse(f"{beginning}{ending}{slash}") == (target, SAID[ending])


def test_a_slug_may_be_named_like_a_word():
    assert parse("key/start") == (Target(key="key", slug="start"), Said(Kind.SUCCESS))
    assert parse("key/12/12") == (Target(key="key", slug="12"), Said(Kind.FAIL, 12))
    assert parse(f"{ID}/anything") == (Target(key=ID, slug="anything"), Said(Kind.SUCCESS))


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("", "invalid uuid format"), ("/", "invalid uuid format"), ("nonsense", "invalid uuid format"), (ID[:-1], "invalid uuid format"),
        ("a\x00b", "invalid uuid format"), (f"{ID}/256", "invalid url format"), (f"{ID}/300", "invalid url format"), (f"{ID}/{'9' * 5000}", "invalid url format"),
        (f"{ID}/1.5", "invalid url format"), (f"{ID}/start/x", "invalid url format"),
        ("key/Slug", "invalid url format"), ("key/sl ug", "invalid url format"), ("key/slüg", "invalid url format"), ("key/a/START", "invalid url format"),
        ("key/a/b", "invalid url format"), (f"key/{'a' * 101}", "invalid url format"), (f"{'k' * 101}/a", "invalid url format"), ("../../etc/passwd", "invalid url format"),
    ],
)  # fmt: skip
def test_what_is_no_address_is_said_in_the_conventions_words(path, words):
    with pytest.raises(BadAddress) as refused:
        parse(path)
    assert str(refused.value) == words


@given(st.text() | st.text("abc019-_/", max_size=30) | st.builds("/".join, st.lists(st.sampled_from([ID, "start", "300", "key", "a", ""]))))
def test_whatever_is_asked_there_is_a_target_or_a_refusal(path):
    try:
        target, said = parse(path)
    except BadAddress:
        return
    assert (target.uuid is None) == bool(target.slug)
    assert said.exit_status is None or (said.kind == Kind.FAIL) == (said.exit_status > 0)


@pytest.mark.parametrize("text", ["", "x", ID[:-1], ID.replace("-", ""), f"{{{ID}}}", f"urn:uuid:{ID}", "٣" * 36, f"{ID}\n"])
def test_a_run_id_is_a_uuid_in_its_usual_form(text):
    assert (run_id(None), run_id(ID), run_id(ID.upper())) == (None, UUID(ID), UUID(ID))
    with pytest.raises(BadAddress, match="invalid uuid format"):
        run_id(text)
