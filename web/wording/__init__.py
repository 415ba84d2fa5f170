"""Words of the pages: both languages, codes of the engine in the words of the office, due dates as people say them."""
