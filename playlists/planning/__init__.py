"""How many playlists there are, and which account carries which. The way through:

scaling       the plan of a date: reads, lets the others decide, writes the plan and applies it
supply        how many usable tracks there are, in all and by policy; certificate says what can rest together
planner       P*, the guards, what to create and to retire
placing       copies on accounts: rendezvous hashing with bounded loads, few moves
"""
