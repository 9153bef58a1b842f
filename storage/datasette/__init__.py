"""The store in a browser: what Datasette is told about tables, views and queries, and the pages of our own."""
