"""Running an instance: a stimulus, the machine to rest, and what came of it written down; who gets the tasks."""
