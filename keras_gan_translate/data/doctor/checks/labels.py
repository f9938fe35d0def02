"""Numbers of label maps: out of range, unused, not numbers at all."""

import collections

from keras_gan_translate.data.doctor.finding import Finding, check, many
from keras_gan_translate.support.messages import shorten

# Between the last number of a row and one far behind it; sets with gaps
# (COCO-Stuff, Cityscapes) have shorter ones.
GAP = 20
UNLABELLED = 255


@check
def ids(material):
    """Numbers that no class has, and classes that no pixel has."""
    looks = material.seen_maps("label_map")
    if not looks:
        return
    files, pixels = collections.defaultdict(list), collections.Counter()
    for seen in looks:
        pixels.update(seen.ids)
        for number in seen.ids:
            files[number].append(seen.path)
    count, said = _classes(material, sorted(pixels))
    beyond = sorted(number for number in pixels if not 0 <= number < count)
    if beyond:
        wrong = list(dict.fromkeys(p for n in beyond for p in files[n]))
        words = [f"{n} in {len(files[n])} files" for n in beyond]
        known = (
            f"{count} classes were named"
            if said
            else f"the others end at {count - 1}"
        )
        hint = (
            " 255 is what many sets call unlabelled: give it a number of its "
            "own, the last one, and count it."
            if UNLABELLED in beyond
            else ""
        )
        yield Finding(
            "ids_out_of_range",
            "trouble",
            f"{many(len(beyond), 'number')} of label maps out of range: "
            f"{shorten(words, 4)}; {known}.",
            len(wrong),
            tuple(wrong),
            advice="Training stops at the first such file, or makes a class of "
            f"every number up to it. Repair the maps, or say with --classes "
            f"how many there are.{hint}",
            command=f"kgt doctor {{data}} --classes {max(beyond) + 1}"
            if max(beyond) < 256
            else "",
        )
    unused = [number for number in range(count) if number not in pixels]
    if unused and not material.quick:
        names = material.splits[material.first].facts["classes"]
        words = [names[n] if said and n < len(names) else n for n in unused]
        yield Finding(
            "ids_unused",
            "watch" if len(unused) > count / 2 else "note",
            f"{len(unused)} of {count} classes have no pixel: "
            f"{shorten(words, 8)}.",
            len(unused),
            advice="They cost memory and are never learned; who asks the model "
            "for them gets noise. Number the classes without gaps, or add "
            "pictures of them.",
        )


@check
def lossy(material):
    """Numbers that were saved as brightness."""
    for key in ("label_map", "instances"):
        files = [
            seen.path
            for seen in material.seen_maps(key)
            if seen.format == "JPEG"
        ]
        if files:
            yield Finding(
                "lossy_maps",
                "trouble",
                f"{many(len(files), 'map')} saved as JPEG, which keeps no "
                "numbers: at every edge there are classes that nobody has "
                "drawn.",
                len(files),
                tuple(files),
                advice="Export them anew as PNG; converting does not bring "
                "the numbers back.",
            )


def _classes(material, numbers):
    """(how many classes there are, whether somebody has said so)."""
    facts = material.splits[material.first].facts
    given = "classes" in material.options
    # Named by a file, or by the set itself.
    named = facts["classes"][0] != "class 0"
    if given or named:
        return len(facts["classes"]), True
    inside = [number for number in numbers if number >= 0]
    for number, following in zip(inside, inside[1:]):
        if following - number > GAP:
            return number + 1, False
    return inside[-1] + 1, False
