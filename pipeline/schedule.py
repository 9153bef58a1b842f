"""The tick of the daemon. Nobody else knows that APScheduler exists."""
