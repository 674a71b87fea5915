"""The benchmark's own tables beside the portal's."""

from typing import Self

from bench._database import Database


class Server(Database):
    """Use it in `with`. Django's modules can be imported only within."""

    def __enter__(self) -> Self:
        super().__enter__()
        self.sql.execute("CREATE TABLE bench_effect (id bigserial PRIMARY KEY, number int NOT NULL)")
        self.sql.execute("CREATE TABLE bench_lock (id int PRIMARY KEY)")
        self.sql.execute("INSERT INTO bench_lock VALUES (1)")
        return self

    def clear(self) -> None:
        self.sql.execute("TRUNCATE bench_effect RESTART IDENTITY")
        self.sql.execute("UPDATE jobs_lease SET cursor = NULL")
        # Not analyzed each time: a worker plans its statements once for thousands of runs, and would have to plan them anew for each measure.
        self.sql.execute("CHECKPOINT")

    def effects(self) -> tuple[int, int]:
        """(rows, different numbers)."""
        row = self.sql.execute("SELECT count(*), count(DISTINCT number) FROM bench_effect").fetchone()
        return (row[0], row[1]) if row else (0, 0)
