"""The ground: opening databases, the unit of work, the append-only history, paging by key."""
