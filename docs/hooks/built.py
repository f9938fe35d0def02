"""What is wrong with built pages: dead links, and what is fetched elsewhere."""

import functools
import html.parser
import pathlib
import urllib.parse

# What a browser loads by itself; a link is followed by people only.
LOADED = {
    "script": "src",
    "img": "src",
    "source": "src",
    "iframe": "src",
    "link": "href",
}
NOT_LOADED = {"canonical", "next", "prev", "alternate"}


class _Page(html.parser.HTMLParser):
    """Links, names and loaded files of a page."""

    def __init__(self, path):
        super().__init__()
        self.links, self.names, self.loaded = [], set(), []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        self.names |= {found[key] for key in ("id", "name") if found.get(key)}
        if tag == "a" and found.get("href"):
            self.links.append(found["href"])
        address = found.get(LOADED.get(tag, ""))
        if address and not NOT_LOADED & set((found.get("rel") or "").split()):
            self.loaded.append(address)


@functools.cache
def _page(path):
    return _Page(path)


def problems(folder):
    """Sentences on what is wrong with the pages in a folder.

    Args:
        folder: of a built site.

    Returns:
        List of str, empty if nothing is.
    """
    folder = pathlib.Path(folder).resolve()
    _page.cache_clear()
    found = []
    for path in sorted(folder.rglob("*.html")):
        if path.name == "404.html":
            continue  # its addresses are those of a server's root
        page, name = _page(path), path.relative_to(folder)
        for address in page.loaded:
            if urllib.parse.urlsplit(address).netloc:
                found.append(f"{name} loads {address} from elsewhere.")
            elif not _target(folder, path, address).exists():
                found.append(f"{name} loads {address}, which is not there.")
        for address in page.links:
            parts = urllib.parse.urlsplit(address)
            if parts.scheme or parts.netloc:
                continue
            target = _target(folder, path, address)
            if not target.exists():
                found.append(
                    f"{name} leads to {address}: there is no such page."
                )
            elif parts.fragment and target.suffix == ".html":
                anchor = urllib.parse.unquote(parts.fragment)
                if anchor not in _page(target).names:
                    found.append(f"{name} leads to {address}: no such place.")
    for path in sorted(folder.rglob("*.css")):
        text = path.read_text(encoding="utf-8")
        if "url(http" in text or "url(//" in text or "@import" in text:
            found.append(f"{path.relative_to(folder)} loads from elsewhere.")
    return found


def _target(folder, page, address):
    """The file that an address leads to."""
    path = urllib.parse.unquote(urllib.parse.urlsplit(address).path)
    if not path:
        return page
    start = folder if path.startswith("/") else page.parent
    target = (start / path.lstrip("/")).resolve()
    return target / "index.html" if target.is_dir() else target
