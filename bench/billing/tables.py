"""The rival's one table: what is needed to keep an event once."""

TABLE = """
    CREATE TABLE IF NOT EXISTS rival_events (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, event_id text NOT NULL UNIQUE, event_type text NOT NULL, body bytea NOT NULL,
        received_at timestamptz NOT NULL DEFAULT now(), processed_at timestamptz)
"""
