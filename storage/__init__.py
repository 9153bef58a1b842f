"""The ground: the nouns (`model`), the errors, and the book they are kept in (`store`)."""
