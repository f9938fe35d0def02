"""The drawn world: data that nobody has to download.

A `Face` (`face.py`) says in words and numbers what is drawn. Its plan
(`face_plan.py`) is made of polygons (`face_shapes.py`, `face_hair.py`,
`face_extras.py`), turned with the head (`face_turning.py`); six styles paint it
(`face_styles.py` and a file for each). What is true of a picture follows from
the same polygons: `face_truth.py`, `face_landmarks.py`, `face_attributes.py`,
`face_captions.py`, `face_clips.py`.
"""
