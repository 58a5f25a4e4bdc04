"""What a policy can and did do, said to people. The way through:

doctor         before anything runs: how many tracks match, what the playlists need, what can be kept
match_counts   the counting behind it, in one query; advice makes the figures a sentence
reasons        why a track is in a snapshot; refusals say why it is not
health         afterwards: goal against actual; projection sums up a run of days, real or rehearsed
"""
