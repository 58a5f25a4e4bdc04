"""What the gateway to Spotify remembers between calls, and the gateways ready to use. The way through:

gateways                a gateway for the app, an account or a listener, with all that is below
tokens                  access tokens, refreshed under a row lock; grant_expiry judges refusals
breaker_store           circuits as rows; endpoint_availability which endpoints this app has
daily_quota             our own budget below Spotify's; call_counts what was called
alarms                  what a person must know
"""
