"""Run folders: what training writes, and what people look at."""
