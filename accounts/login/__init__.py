"""Accounts and listeners sign in with Spotify. The way through:

onboarding       an operator connects an account: state, callback, tokens kept
listeners        a visitor signs in to save a vibe; session_nonce binds a login to its browser
token_refresh    tokens renewed before they end; account_check asks whether accounts still answer
activation       an account paused and taken up again
key_rotation     every stored token sealed again with the newest key
"""
