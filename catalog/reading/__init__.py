"""What a store says of a price, and how it is asked: pure functions and HTTP, without the database."""
