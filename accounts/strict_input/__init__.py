"""Input is read as written or refused with its path: JSON text, bodies, parameters, ids in addresses."""
