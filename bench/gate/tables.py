"""The rival's two tables: a counter and the households."""

TABLES = """
DROP TABLE IF EXISTS rival_households, rival_programs;
CREATE TABLE rival_programs (id int PRIMARY KEY, cap int NOT NULL, seats_taken int NOT NULL) WITH (fillfactor = 20);
CREATE TABLE rival_households (id uuid PRIMARY KEY, household_key text NOT NULL UNIQUE, email text NOT NULL, seat int NOT NULL);
INSERT INTO rival_programs VALUES (1, 0, 0);
"""
