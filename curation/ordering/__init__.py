"""The order of one snapshot's tracks. The way through:

sequence      by score, arc, clock, release or chance; the entry point
spacing       keeps artists and albums apart, wherever any order does
transitions   energy arcs, tempo and harmonic flow, improved locally
seeded        chance that is the same on every machine
"""
