"""The sweep: finds where the sides disagree, asks the providers what nobody told us, and catches up with what never came."""

# The job's name, and how its parts are called on its page; each is an item of a run.
JOB = "billing-sweep"
EVERYTHING, CHANGED = "everything", "changed"
