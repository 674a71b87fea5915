"""What a workbook unpacks to, found out before anything reads it: python-calamine builds a full rectangle from a sheet's outermost
cells, and gives each cell a copy of its text, so a file of a few bytes could take all memory there is."""

import io
import re
import zipfile
import zlib
from xml.parsers import expat

from django.utils.translation import gettext as _

from catalog.transfer.table import MOST_COLUMNS, MOST_ROWS, Unreadable, too_many_rows

MOST_UNPACKED = 200 * 1024 * 1024
# Empty rows between and after the others, that somebody once colored.
MOST_LINES = 3 * MOST_ROWS
MOST_BROKEN = 1000
_PIECE = 256 * 1024
_PLACE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_TEXTS = "xl/sharedstrings.xml"


def damaged() -> Unreadable:
    return Unreadable(_("The file is no workbook, or it is damaged. Open it in a spreadsheet program, save it as .xlsx, and upload it again."))


def too_big() -> Unreadable:
    return Unreadable(_("Unpacked, the workbook is larger than %(most)s MB.") % {"most": MOST_UNPACKED // 1024**2})


def measure(content: bytes) -> dict[int, str]:
    """Unpack all of it once, in small pieces, and keep nothing. Raises Unreadable for what is too much, too wide or too long. Returns the
    lines with a formula that nobody has computed, or with an error as its value, and the first such cell."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = set(archive.namelist())
            if "xl/workbook.xml" not in names:
                raise Unreadable(_("That is a ZIP file, but no XLSX workbook. Unpack it, and upload the table."))
            if {"content.xml", "xl/workbook.bin"} & names:
                raise damaged()
            return _Measure(archive).broken
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, ValueError, expat.ExpatError) as error:
        raise damaged() from error


class _Measure:
    def __init__(self, archive: zipfile.ZipFile) -> None:
        self.archive, self.left = archive, MOST_UNPACKED
        texts, self.broken = _Texts(), dict[int, str]()
        # The texts first: the sheets' cells name them by number.
        parts = sorted(archive.infolist(), key=lambda part: part.filename.lower() != _TEXTS)
        for part in parts:
            self._unpack(part, texts if part.filename.lower() == _TEXTS else _Sheet(texts.lengths, self.broken))

    def _unpack(self, part: zipfile.ZipInfo, scan: "_Texts | _Sheet") -> None:
        # What the archive says of its sizes is not believed: it is read up to its true end.
        part.file_size, part.CRC = MOST_UNPACKED + 1, None  # type: ignore[assignment]
        is_xml = None
        with self.archive.open(part) as file:
            while piece := file.read(_PIECE):
                self.left -= len(piece)
                if self.left < 0:
                    raise too_big()
                if is_xml is None:
                    # By what it is, not by its name: a sheet may be called anything. A picture is only unpacked.
                    is_xml = part.filename.lower().endswith((".xml", ".rels")) or piece.lstrip(b"\xef\xbb\xbf\xff\xfe\x00 \r\n\t")[:1] == b"<"
                if is_xml:
                    scan.parser.Parse(piece, False)
            if is_xml:
                scan.parser.Parse(b"", True)


class _Scan:
    def __init__(self) -> None:
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.StartDoctypeDeclHandler = self._refuse

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        raise NotImplementedError

    def _end(self, name: str) -> None:
        raise NotImplementedError

    def _refuse(self, *declaration: object) -> None:
        # No spreadsheet program writes one; it could define entities that grow without end.
        raise damaged()


class _Texts(_Scan):
    """How long each shared text is."""

    def __init__(self) -> None:
        super().__init__()
        self.lengths: list[int] = []
        self.parser.CharacterDataHandler = self._text

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if name.endswith("si") and name.rpartition(" ")[2] == "si":
            self.lengths.append(0)

    def _end(self, name: str) -> None:
        pass

    def _text(self, text: str) -> None:
        if self.lengths:
            self.lengths[-1] += len(text)


class _Sheet(_Scan):
    """Looks at each cell's place and kind while the XML goes by. A cell without a place stands behind the one before it."""

    def __init__(self, lengths: list[int], broken: dict[int, str]) -> None:
        super().__init__()
        self.lengths, self.broken = lengths, broken
        self.line = self.column = self.texts = 0
        self.kind, self.value, self.is_formula, self.in_value = "", "", False, False

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        name = name.rpartition(" ")[2]
        if name == "c":
            self._stand(attributes.get("r", ""))
            self.kind, self.value, self.is_formula = attributes.get("t", ""), "", False
        elif name in ("v", "t"):
            self.parser.CharacterDataHandler = self._text
        elif name == "f":
            self.is_formula = True
        elif name == "row":
            self.line, self.column = int(attributes.get("r") or self.line + 1), 0
            if self.line > MOST_LINES:
                raise too_many_rows()

    def _end(self, name: str) -> None:
        name = name.rpartition(" ")[2]
        if name in ("v", "t"):
            self.parser.CharacterDataHandler = None
        elif name == "c":
            if self.kind == "s" and self.value.strip().isdigit() and int(self.value) < len(self.lengths):
                self.texts += self.lengths[int(self.value)]
                if self.texts > MOST_UNPACKED:
                    raise too_big()
            if (self.kind == "e" or (self.is_formula and not self.value)) and len(self.broken) < MOST_BROKEN:
                self.broken.setdefault(self.line, f"{_letters(self.column)}{self.line}")

    def _text(self, text: str) -> None:
        self.value += text[:20]

    def _stand(self, place: str) -> None:
        self.column += 1
        if place:
            if not (found := _PLACE.fullmatch(place)):
                raise damaged()
            self.column, self.line = _number(found[1]), int(found[2])
        if self.line > MOST_LINES:
            raise too_many_rows()
        if self.column > MOST_COLUMNS:
            text = _("The cell %(place)s is far out: at most %(most)s columns are read. Delete what stands there.")
            raise Unreadable(text % {"place": place or self.column, "most": MOST_COLUMNS})


def _number(letters: str) -> int:
    """A is 1, Z 26, AA 27."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def _letters(number: int) -> str:
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
