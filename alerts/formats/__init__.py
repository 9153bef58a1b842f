"""One file per chat or mail format; each escapes untrusted text for its own place."""
