"""The gateway to Spotify: every call goes through here, and no model is known here. The way through:

gateway        Spotify's nouns: albums, tracks, me, playlists, their items
capabilities   which endpoints the app's mode has
call           one call from end to end: circuit (breaker), budget, limiter, exchange, judge, retry
client         spotipy on a session of our own (deadline cuts an answer that drips)
responses      what an answer means; payloads reads it; errors are typed, permanent or not
oauth          the accounts service: codes, tokens, refreshes
ids            which texts are Spotify ids
"""
