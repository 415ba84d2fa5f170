"""The approval-process engine: commands go in, events come out, everything in between is one transaction."""
