"""The frame of every page: who asks, what each page demands, errors, addresses, filters, safety."""
