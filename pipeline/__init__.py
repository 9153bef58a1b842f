"""The top: from a source to recorded changes, and the command line."""
