"""Every model of the app: lists and their history, copies on accounts, plans and nights."""

from playlists.models.copies import Audit, Placement
from playlists.models.lists import HistoryEntry, Playlist, RecentUsage, Snapshot, opaque_id
from playlists.models.nights import ManagerPlan, Pause, ScheduleSeed, StageRun

__all__ = [
    "Audit",
    "HistoryEntry",
    "ManagerPlan",
    "Pause",
    "Placement",
    "Playlist",
    "RecentUsage",
    "ScheduleSeed",
    "Snapshot",
    "StageRun",
    "opaque_id",
]
