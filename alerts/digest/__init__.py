"""The daily digest: one model of the day, written as HTML, Markdown or terminal text."""
