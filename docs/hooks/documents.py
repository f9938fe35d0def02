"""What the documents that people wrote say of a model, and their pictures."""

import dataclasses
import functools
import re

import source

DOCS = source.ROOT / "docs"


@dataclasses.dataclass(frozen=True)
class Section:
    """A piece of a document, from one heading to the next.

    Attributes:
        page: the file, below docs/; "" for the README.
        title: the heading.
        text: what stands below it.
    """

    page: str
    title: str
    text: str

    @property
    def anchor(self):
        """The heading's address on its page, as Markdown makes it."""
        kept = re.sub(r"[^\w\s-]", "", self.title).strip().lower()
        return re.sub(r"[-\s]+", "-", kept)

    @property
    def told(self):
        """The page's title and the heading."""
        top = next(each for each in sections() if each.page == self.page)
        both = top.title, self.title
        return ": ".join(dict.fromkeys(title for title in both if title))

    @property
    def rows(self):
        """The lines of its tables."""
        return [line for line in self.text.splitlines() if line[:1] == "|"]

    @property
    def pictures(self):
        """Its `Picture`s."""
        return [
            Picture(path.removeprefix("docs/"), alt, caption or "", self)
            for alt, path, caption in re.findall(
                r"^!\[([^\]]*)\]\(([^)]+)\)\n*(?:\*((?:[^*]|\n)+)\*\n)?",
                self.text,
                re.MULTILINE,
            )
        ]

    def names(self, model, text):
        """Whether a text has one of a model's names in it."""
        return any(
            re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", text)
            for word in model.words
        )


@dataclasses.dataclass(frozen=True)
class Picture:
    """A picture of a document.

    Attributes:
        path: below docs/.
        alt: what it shows.
        caption: what is said below it; maybe empty.
        section: where it stands.
    """

    path: str
    alt: str
    caption: str
    section: Section


@functools.cache
def sections():
    """All `Section`s: of docs/ in the order of names, then the README's."""
    found = []
    for path in [*sorted(DOCS.glob("*.md")), source.ROOT / "README.md"]:
        page = path.name if path.parent == DOCS else ""
        title, lines, fenced = "", [], False
        for line in [*path.read_text(encoding="utf-8").splitlines(), "# end"]:
            fenced ^= line.startswith("```")
            heading = re.match(r"#+ (.*)", line)
            if heading and not fenced:
                if title:
                    found.append(Section(page, title, "\n".join(lines) + "\n"))
                title, lines = heading[1].replace("`", ""), []
            else:
                lines.append(line)
    return found


def pictures():
    """All `Picture`s, each once, those of docs/ before the README's."""
    found = {}
    for section in sections():
        for picture in section.pictures:
            known = found.setdefault(picture.path, picture)
            if picture.caption and not known.caption:
                found[picture.path] = picture
    return list(found.values())


def pictures_of(model):
    """The pictures that show what a model made."""
    return [
        picture
        for picture in pictures()
        if picture.section.names(model, f"{picture.alt} {picture.caption}")
        or picture.section.names(model, picture.section.title)
    ]


def mentions(model):
    """The sections whose tables or headings have a model's name.

    Guides that lead to its page say nothing more of it, nor do other
    projects' words for it.
    """
    return [
        section
        for section in sections()
        if section.page
        and not section.page.startswith("from_")
        and f"models/{model.name}.md" not in section.text
        and (
            section.names(model, section.title)
            or any(section.names(model, row) for row in section.rows)
        )
    ]
