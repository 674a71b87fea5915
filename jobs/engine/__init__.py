"""Runs a job: the checks, the lease, the batches, the end. Nothing here knows a particular job."""
