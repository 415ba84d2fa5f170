"""The page of a task 办理 and everything that one does there."""
