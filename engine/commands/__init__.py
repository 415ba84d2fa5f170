"""Use cases: one class each, named VerbNoun, with its parameters and its ``execute`` side by side."""
