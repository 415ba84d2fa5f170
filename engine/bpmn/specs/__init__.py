"""Our specs: subclasses of the library's, one class for each kind of flow node."""
