"""What the console's front page and `status` tell. The way through:

dashboard    the front page in figures and links
banners      what needs a person: one sentence each, and where to go
status       where everything stands: what waits, what is blocked, why and until when
"""
