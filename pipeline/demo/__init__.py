"""What `franchise-watch demo` plays: `sources.yaml`, and two years of recorded HTTP in `history.warc.gz`. No code."""
