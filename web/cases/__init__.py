"""Cases 办件 and instances: search, one case, its limits, repairs."""
