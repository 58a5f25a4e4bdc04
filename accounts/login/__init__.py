"""Accounts and listeners sign in with Spotify, operators at the console. The way through:

onboarding       an operator connects an account: state, callback, tokens kept
listeners        a visitor signs in to save a vibe (listener_login keeps it in their browser meanwhile);
                 session_nonce binds an operator's login to the browser that began it
second_factor    the console's code from a phone, or a recovery code
token_refresh    tokens renewed before they end; account_check asks whether accounts still answer
activation       an account paused and taken up again
key_rotation     every stored token sealed again with the newest key
clearing         what logins leave behind goes after its time
"""
