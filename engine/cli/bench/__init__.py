"""Measuring this installation: what a step costs, against the floor that the same database sets in the same run."""
