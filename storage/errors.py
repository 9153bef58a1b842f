"""Every error this project raises on purpose, in one tree.

FranchiseWatchError            exit 1
├── ConfigError                exit 3   all mistakes of sources.yaml, each with file:line:column
├── SourceError                exit 4   one source failed; the others go on
│   ├── FetchError                      no answer, or one that may not be used
│   └── ParseError                      an answer that is not what the source promised
├── RuleError                  exit 3   a rule or lexicon table without proof, or malformed
├── DeliveryError              exit 5   a target did not take its message
├── StoreError                 exit 1   the database cannot be used; the message says what to do
├── RecordingError             exit 2   a WARC file that cannot be read or written
└── LockedError                exit 75  another run holds the store
"""

from __future__ import annotations


class FranchiseWatchError(Exception):
    """Something the user can cure: `str(error)` says what happened and what to do."""

    exit_code = 1


class ConfigError(FranchiseWatchError):
    """sources.yaml has mistakes; `mistakes` holds every one as `file:line:column: message`."""

    exit_code = 3

    def __init__(self, mistakes: list[str]) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = mistakes


class SourceError(FranchiseWatchError):
    """One source failed; carries its id so that the report can name it."""

    exit_code = 4

    def __init__(self, source_id: str, message: str) -> None:
        super().__init__(f"{source_id}: {message}")
        self.source_id = source_id
        self.reason = message


class FetchError(SourceError):
    """No answer, or an answer that may not be used (too large, refused address, wrong encoding)."""


class ParseError(SourceError):
    """The answer is not what the source promised (HTML where a feed was, nothing the selectors match)."""


class RuleError(FranchiseWatchError):
    """A rule or a lexicon table is malformed or lacks its examples and rejects."""

    exit_code = 3


class DeliveryError(FranchiseWatchError):
    """A target did not take a message."""

    exit_code = 5


class StoreError(FranchiseWatchError):
    """The database cannot be opened, read or written."""


class RecordingError(FranchiseWatchError):
    """A recording (WARC) cannot be read or written."""

    exit_code = 2


class LockedError(FranchiseWatchError):
    """Another run holds the store's lock (sysexits.h EX_TEMPFAIL)."""

    exit_code = 75
