"""Presets: folders of trained weights, some of which come with the library.

The modules of this room are imported one by one: `folders` does without
Keras.
"""
