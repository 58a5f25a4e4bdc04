"""A listener's sentence becomes a vibe: its songs, and a page of its own. The way through:

views, forms     the page (the API is curation/api.py): a sentence comes in; idempotency answers it once
generator        the whole walk: understand, choose, give way, store
understanding    Gemini (gemini, http_deadline) where it answers, else the parser
parser           words (lexicon, vocabulary) and numbers become marks; parse_state settles them
intent           what was understood; compose writes it as a policy; fallbacks loosen it step by step
describe         chips, summaries and reasons in words; bars draw the songs
refining         a vibe made again without one wish (remove_condition); saving keeps it in Spotify
"""
