"""Each copy on Spotify made equal to its playlist's newest snapshot. The way through:

drain        the copies of one account that are due, under its lock, the most important first
push         one copy: steps decides what it needs next, provision gives it its playlist
writes       what must hold before every write; pause is the red switch; dead_tracks finds what is refused
audit        a daily look through each account's own playlists
forecast     what a night's writes will cost
resync       tries at once what waits after an error; operator_actions decide about one copy by hand
"""
