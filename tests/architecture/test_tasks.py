"""Every task can be found by the worker, and every queue has a worker that consumes it."""

import ast
import re

from celery import current_app

from tests.architecture.source import APPS, ROOT, python_files


def declared(source: str, module: str) -> set[str]:
    """Names of the tasks a module declares with @shared_task or @app.task."""
    names = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef) and any(
            "shared_task" in ast.unparse(mark) or ast.unparse(mark).startswith("app.task") for mark in node.decorator_list
        ):
            names.add(f"{module}.{node.name}")
    return names


def consumed(procfile: str) -> set[str]:
    """The queues that the workers' command lines in the Procfile name."""
    lines = [line.split() for line in procfile.splitlines() if " worker -Q " in line]
    return {queue for words in lines for queue in words[words.index("-Q") + 1].split(",")}


def unconsumed(queues: set[str], procfile: str) -> set[str]:
    return queues - consumed(procfile)


def test_every_task_is_registered():
    current_app.loader.import_default_modules()
    wanted = set()
    for path in python_files(APPS):
        wanted |= declared(path.read_text(), ".".join(path.relative_to(ROOT).with_suffix("").parts))
    assert wanted - set(current_app.tasks) == set()


def test_every_queue_is_consumed():
    queues = {current_app.conf.task_default_queue}
    queues |= {task.queue for task in current_app.tasks.values() if getattr(task, "queue", None)}
    queues |= {route["queue"] for route in (current_app.conf.task_routes or {}).values()}
    assert unconsumed(queues, (ROOT / "Procfile").read_text()) == set()
    # bin/dev starts the same workers.
    started = (ROOT / "opsportal/dev/portal.py").read_text()
    assert {queue for words in re.findall(r'"-Q", "([a-z,]+)"', started) for queue in words.split(",")} >= queues


def test_the_task_checks_find_a_planted_violation():
    source = "@shared_task(queue='slow')\ndef sweep():\n    pass\n"
    assert declared(source, "beta.work") - set(current_app.tasks) == {"beta.work.sweep"}
    assert unconsumed({"celery", "slow"}, "web: x\nworker: celery -A opsportal worker -Q celery,mail\n") == {"slow"}
