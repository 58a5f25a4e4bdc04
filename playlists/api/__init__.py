"""The playlists' endpoints. The way through:

endpoints              templates, sync, plan and time machine for operators; the directory for all
serializers            bodies in and out; timeline_serializers those of the time machine
templates              stores what an operator hands in: a policy and the playlist that follows it
directory              what the public may see
"""
