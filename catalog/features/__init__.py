"""Where audio features come from: one interface, a provider for each source, and the import of files."""
