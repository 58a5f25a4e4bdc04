"""Every model of the app: lists and their history, copies on accounts, plans and nights."""

from playlists.models.copies import Audit, PlaylistCopy
from playlists.models.lists import HistoryEntry, Playlist, RecentUsage, Snapshot, opaque_id
from playlists.models.nights import ManagerPlan, Pause, ScheduleSeed, StageRun

__all__ = [
    "Audit",
    "HistoryEntry",
    "ManagerPlan",
    "Pause",
    "Playlist",
    "PlaylistCopy",
    "RecentUsage",
    "ScheduleSeed",
    "Snapshot",
    "StageRun",
    "opaque_id",
]
