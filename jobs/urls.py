from django.urls import path

from jobs.views import desk, item, job, run, schedule

urlpatterns = [
    path("", desk.jobs, name="jobs"),
    path("runs/<int:run_id>/", run.run, name="job_run"),
    path("runs/<int:run_id>/progress/", run.progress, name="job_run_progress"),
    path("runs/<int:run_id>/stop/", run.stop, name="job_run_stop"),
    path("runs/<int:run_id>/again/", run.again, name="job_run_again"),
    path("items/<int:item_id>/aside/", item.set_aside, name="job_item_aside"),
    path("<slug:job>/", job.job, name="job"),
    path("<slug:job>/run/", job.run_now, name="job_run_now"),
    path("<slug:job>/schedule/", schedule.change, name="job_schedule"),
    path("<slug:job>/runs/", job.runs, name="job_runs"),
    path("<slug:job>/slots/", job.slots, name="job_slots"),
    path("<slug:job>/items/", item.items, name="job_items"),
]
