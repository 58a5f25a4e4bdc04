"""The policy language vibe.policy/1: a playlist's rules, checked, explained and kept. The way through:

fields          every field a condition may name: its kind, its operators, its natural range
conditions      EXPR: conditions combined by all, any and not, one message a mistake
language        the whole document: parse, digest, JSON Schema; relaxation says what may give way
upgrades        documents of older versions brought up to the newest
condition_sql   a condition as SQL over tracks; wording says it in words
revisions       saves policies: every version an immutable row; starters/ holds the twelve that come along
"""
