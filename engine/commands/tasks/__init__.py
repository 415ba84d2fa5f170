"""Work on tasks 办理: claim, complete, transfer, answer, talk, copy, attach."""
