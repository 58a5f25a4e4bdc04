"""The console's playlist pages, one module a subject; importing them registers them."""

from playlists.admin import artists, copies, lists, nights, pauses, plans, snapshots

__all__ = ["artists", "copies", "lists", "nights", "pauses", "plans", "snapshots"]
