"""A date's snapshots: chosen, written once, shown. The way through:

snapshots    the network's date in one allocation, under one lock (curation.engine decides)
recording    snapshots and history by COPY, then the check that no gap is broken
rendering    a snapshot as the API answers it; naming says what a playlist is called on Spotify
replacing    one track in a written snapshot gives its place to another
why_not      why a track is, or is not, in a playlist's snapshot
timeline     any playlist as of any date; a date brought back
rehearsal    the coming dates, built for real and taken back
health       goal against actual; latest_health keeps it until something changes
"""
