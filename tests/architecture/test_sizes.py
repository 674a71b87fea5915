"""Small enough to read at once."""

from tests.architecture.source import APPS, ROOT, functions, python_files

FILE, FUNCTION, VIEW = 320, 45, 20


def too_long(where: str, source: str, *, views: bool = False) -> list[str]:
    """What exceeds its size: the file, its functions, and its views where it is a module of views."""
    lines = source.count("\n")
    found = [f"{where}: {lines} lines"] if lines >= FILE else []
    limit = VIEW if views else FUNCTION
    return found + [f"{where}: {name} has {length} lines" for name, length, _tree in functions(source) if length >= limit]


def test_files_and_functions_are_short():
    found = []
    for path in python_files():
        where = path.relative_to(ROOT)
        views = where.parts[0] in APPS and ("views" in where.parts or path.stem == "views")
        found += too_long(str(where), path.read_text(), views=views)
    assert found == []


def test_the_size_check_finds_a_planted_violation():
    view = "def page(request):\n" + "    x = 1\n" * 19
    assert too_long("v.py", view) == []
    assert too_long("v.py", view, views=True) == ["v.py: page has 20 lines"]
    assert too_long("a.py", "def act():\n" + "    x = 1\n" * 44) == ["a.py: act has 45 lines"]
    assert too_long("b.py", "x = 1\n" * 320) == ["b.py: 320 lines"]
