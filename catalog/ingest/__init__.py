"""Queued album sources become albums and tracks. The way through:

ingest             claim, fetch, store, or note why not; goes on until nothing is due
queue              claims with leases, finished only by their holder
fetching           whole albums in as few calls as the mode allows; call_lower_bound counts the fewest
mapping            Spotify's payloads as rows; titles say what a title tells
storing            albums, artists, tracks and links upserted in one transaction
error_policy       what becomes of a source after an error
progress           how far everything is
"""
