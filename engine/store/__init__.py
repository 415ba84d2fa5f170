"""The room of SQLAlchemy: tables, the unit of work, the append-only history, projections from it, and queries for reading."""
