"""All reading for pages, API and command line. Nothing here changes anything."""
