"""Album links handed in become queued album sources. The way through:

submissions   what people paste or upload, as numbered entries, or refused whole
links         which album a line means, or why it means none
batches       a verdict a line, a batch, new sources queued in one statement
blocks        what may not be taken in, and what is kept out of snapshots
exports       album sources as CSV
"""
