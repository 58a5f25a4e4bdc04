"""The suite, which mirrors the source."""
