"""The inbox 收件箱: five lists, batches, export."""
