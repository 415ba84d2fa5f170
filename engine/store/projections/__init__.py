"""From events to rows: the only place that writes the rows that pages read."""
