"""The console's catalogue pages, one module a subject; importing them registers them."""

from catalog.admin import batches, music, sources

__all__ = ["batches", "music", "sources"]
