"""Copies: within a split, between splits, between domains."""

import hashlib
import os

import numpy as np

from keras_gan_translate.data.doctor.finding import Finding, check, many
from keras_gan_translate.data.doctor.likeness import groups_of, near_pairs
from keras_gan_translate.support.messages import shorten
from keras_gan_translate.support.untrusted import open_regular

MOST_READ = 400  # files of equal length that are compared in the quick form


@check
def copies(material):
    """The same pictures, byte for byte or nearly, in places of all sorts."""
    places = _places(material)
    if material.quick:
        groups = [(group, "the same bytes") for group in _equal_files(places)]
    else:
        groups = _groups(material, places)
    leaks, crossing, equal, near = [], [], [], []
    for group, how in groups:
        splits = {places[path][0] for path in group}
        parts = {places[path][1] for path in group}
        if len(splits) > 1:
            leaks.append((group, how))
        elif len(parts) > 1:
            if material.domains:
                crossing.append((group, how))
        else:
            (equal if how != NEARLY else near).append((group, how))
    if leaks:
        yield _finding(material, "leaks", "trouble", leaks, places)
    if crossing:
        yield _finding(
            material, "shared_by_domains", "trouble", crossing, places
        )
    if equal:
        yield _finding(material, "duplicates", "watch", equal, places)
    if near:
        yield _finding(material, "near_duplicates", "watch", near, places)


EQUAL, NEARLY = "equal", "nearly equal or mirrored"
WORDS = {
    "leaks": (
        "{many} in more than one split: {names}.",
        "What was trained on is no test. Set the copies of the training split "
        "aside.",
    ),
    "shared_by_domains": (
        "{many} in more than one domain: {names}.",
        "Nothing is to be translated in what belongs to both. Set them aside.",
    ),
    "duplicates": (
        "{many} more than once: {names}.",
        "They count twice. Keep one of each.",
    ),
    "near_duplicates": (
        "{many} nearly the same as another, encoded anew, resized, cut a "
        "little or mirrored: {names}.",
        "They count twice; mirrored ones are made in training anyhow. Frames "
        "of a film are thinned out (every tenth). Look at the page, and keep "
        "one of each.",
    ),
}


def _finding(material, name, level, groups, places):
    first = material.first
    files, reasons = [], {}
    for group, how in groups:
        if name == "leaks":
            spare = [path for path in group if places[path][0] == first]
            spare = spare or list(group[1:])
        elif name == "shared_by_domains":
            spare = list(group)
        else:
            # The largest stays.
            spare = sorted(
                group, key=lambda path: _worth(material, path), reverse=True
            )[1:]
        for path in spare:
            files.append(path)
            others = [str(other) for other in group if other != path]
            reasons[path] = f"{how}: {shorten(others, 2)}"
    pairs = [f"{group[0].name} = {group[-1].name}" for group, _ in groups]
    if name in ("leaks", "shared_by_domains"):
        place = 0 if name == "leaks" else 1
        pairs = [
            " = ".join(
                f"{places[path][place]}/{path.name}" for path in group[:2]
            )
            for group in (_apart(group, places, place) for group, _ in groups)
        ]
    what, advice = WORDS[name]
    return Finding(
        name,
        level,
        what.format(many=many(len(groups), "picture"), names=shorten(pairs, 3)),
        len(groups),
        tuple(files),
        reasons,
        tuple(group for group, _ in groups),
        advice,
        "aside",
    )


def _worth(material, path):
    """Pixels of a picture, and at equal ones the bytes of its file."""
    seen = material.looks.get(path)
    return (seen.height * seen.width, seen.bytes) if seen else (0, 0)


def _apart(group, places, place):
    """A group with two files first that lie in different places."""
    other = next(
        p for p in group if places[p][place] != places[group[0]][place]
    )
    return [group[0], other]


def _places(material):
    """{file: (split, part)}; parts of what is aligned do not compare."""
    places = {}
    keys = list(material.parts)
    if not material.domains and material.splits:
        # The same drawing may belong to two photos: the last key is what is
        # made, and the photo where there is one.
        names = {part for _, part in keys}
        chosen = "image" if "image" in names else sorted(names)[-1]
        keys = [key for key in keys if key[1] == chosen]
    for split, part in keys:
        for path in material.parts[split, part]:
            places.setdefault(path, (split, part))
    return places


def _groups(material, places):
    """Tuples of files that are the same, and how alike they are."""
    looks = [
        seen
        for path in places
        if (seen := material.looks.get(path)) is not None and seen.header
    ]
    by_digest = {}
    for seen in looks:
        by_digest.setdefault(seen.digest, []).append(seen.path)
    exact = [tuple(paths) for paths in by_digest.values() if len(paths) > 1]
    # One of each set of equal ones goes on, so that none is told twice.
    single = [by_digest[digest][0] for digest in by_digest]
    thumbs = {seen.path: seen.thumb for seen in looks}
    groups = [(paths, EQUAL) for paths in exact]
    if len(single) > 1:
        stack = np.stack([thumbs[path] for path in single])
        of = {paths[0]: paths for paths in exact}
        for rows in groups_of(near_pairs(stack)):
            firsts = [single[row] for row in rows]
            group = [p for first in firsts for p in of.get(first, (first,))]
            places_of = {places[path] for path in group}
            known = [of[first] for first in firsts if first in of]
            # Equal ones were told; together with others they may cross.
            if known and len(places_of) == 1:
                group = firsts
            groups.append((tuple(group), NEARLY))
    return groups


def _equal_files(places):
    """Groups of files of equal bytes; those of equal length are read."""
    by_size = {}
    for path in places:
        try:
            by_size.setdefault(os.path.getsize(path), []).append(path)
        except OSError:  # named as broken
            continue
    alike = sorted(
        (paths for paths in by_size.values() if len(paths) > 1), key=len
    )
    by_digest, read = {}, 0
    for paths in alike:
        read += len(paths)
        if read > MOST_READ:
            break
        for path in paths:
            try:
                with open_regular(path) as file:
                    digest = hashlib.file_digest(file, "blake2b").digest()
            except (OSError, ValueError):
                continue
            by_digest.setdefault(digest, []).append(path)
    return [tuple(paths) for paths in by_digest.values() if len(paths) > 1]
