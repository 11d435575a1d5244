"""What a reader reads of a ticket's text, whatever it is written in: the words in order, without markup, a space between
each two. By code of the tests' own, so that a conversion that loses, adds or swaps words is seen."""

import html.parser
import re


def _words(text: str) -> str:
    return " ".join(text.split())


def of_markdown(text: str) -> str:
    said, fenced = [], False
    for line in text.splitlines():
        if line.startswith("```"):
            fenced = not fenced
        elif fenced:
            said.append(line)
        elif line != "---" and not re.fullmatch(r"\|[-|]+", line):
            line = re.sub(r"^(## |- )", "", line)
            line = re.sub(r"\\(.)|\*\*|`|(\|)", lambda found: found[1] or " " * bool(found[2]), line)
            said.append(line)
    return _words("\n".join(said))


class _Reader(html.parser.HTMLParser):
    """Refuses what no ticket of ours needs."""

    _TAGS = {"h3", "p", "br", "hr", "ul", "li", "table", "tbody", "tr", "th", "td", "pre", "strong", "code"}
    _INLINE = {"strong", "code"}

    def __init__(self):
        super().__init__()
        self.said, self.open = [], []

    def handle_starttag(self, tag, attrs):
        assert tag in self._TAGS, tag
        assert tag == "table" or not attrs, (tag, attrs)
        if tag not in ("br", "hr"):
            self.open.append(tag)
        if tag not in self._INLINE:
            self.said.append(" ")

    def handle_endtag(self, tag):
        assert self.open.pop() == tag
        if tag not in self._INLINE:
            self.said.append(" ")

    def handle_data(self, data):
        self.said.append(data)


def of_html(text: str) -> str:
    reader = _Reader()
    reader.feed(text)
    reader.close()
    assert reader.open == []
    return _words("".join(reader.said))


def of_jira(text: str) -> str:
    said = []
    for part in re.split(r"(\{noformat\}.*?\{noformat\})", text, flags=re.DOTALL):
        if part.startswith("{noformat}"):
            said.append(part.removeprefix("{noformat}").removesuffix("{noformat}").replace("\\u007b", "{"))
            continue
        part = re.sub(r"^(h3\. |\* |----$)", "", part, flags=re.MULTILINE)
        part = re.sub(r"\\(.)|\{\{|\}\}|\*|(\|+)", lambda found: found[1] or " " * bool(found[2]), part)
        said.append(part.replace("&#92;", "\\").replace("&amp;", "&"))
    return _words(" ".join(said))
