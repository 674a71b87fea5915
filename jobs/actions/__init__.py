from jobs.actions.guess import report_guessing
from jobs.actions.item import set_item_aside
from jobs.actions.retention import purge_runs
from jobs.actions.run import NotRun, request_run, rerun_failed_items, stop_run
from jobs.actions.schedule import change_schedule

__all__ = ["NotRun", "change_schedule", "purge_runs", "report_guessing", "request_run", "rerun_failed_items", "set_item_aside", "stop_run"]
