"""Workbooks as other programs write them, put together by hand."""

import io
import zipfile
from collections.abc import Mapping

NS = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
RELS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def workbook(
    sheets: Mapping[str, str],
    *,
    styles: str = "",
    shared: str = "",
    is_1904: bool = False,
) -> bytes:
    """Return an .xlsx of the sheets' ``sheetData`` (and what follows it), as it stands in their XML."""
    listed = "".join(
        f'<sheet name="{name}" sheetId="{number}" r:id="rId{number}"/>' for number, name in enumerate(sheets, start=1)
    )
    package = "http://schemas.openxmlformats.org/package/2006"
    counted = ' date1904="1"' if is_1904 else ""
    targets = [(f"rId{number}", "worksheet", f"worksheets/sheet{number}.xml") for number in range(1, len(sheets) + 1)]
    targets += [("rIdS", "styles", "styles.xml"), ("rIdT", "sharedStrings", "sharedStrings.xml")]
    files = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types">'
        '<Default Extension="xml" ContentType="application/xml"/><Default Extension="rels"'
        ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships">'
        f'<Relationship Id="rId1" Type="{RELS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook {NS} xmlns:r="{RELS}"><workbookPr{counted}/>'
        f"<sheets>{listed}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships">'
        + "".join(f'<Relationship Id="{key}" Type="{RELS}/{kind}" Target="{path}"/>' for key, kind, path in targets)
        + "</Relationships>",
        "xl/styles.xml": styles or f'<styleSheet {NS}><cellXfs count="1"><xf numFmtId="0"/></cellXfs></styleSheet>',
        "xl/sharedStrings.xml": f"<sst {NS}>{shared}</sst>",
    }
    for number, data in enumerate(sheets.values(), start=1):
        files[f"xl/worksheets/sheet{number}.xml"] = f"<worksheet {NS}>{data}</worksheet>"
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, text in files.items():
            archive.writestr(path, f'<?xml version="1.0" encoding="UTF-8"?>{text}')
    return buffer.getvalue()


def inline(where: str, text: str) -> str:
    """Return a cell with its text inside, as some programs and exports write it."""
    return f'<c r="{where}" t="inlineStr"><is><t>{text}</t></is></c>'


def dates(*formats: str) -> str:
    """Return styles in which number 1 and following are these formats of dates."""
    named = "".join(f'<numFmt numFmtId="{164 + at}" formatCode="{code}"/>' for at, code in enumerate(formats))
    used = "".join(f'<xf numFmtId="{164 + at}" applyNumberFormat="1"/>' for at in range(len(formats)))
    return (
        f'<styleSheet {NS}><numFmts count="{len(formats)}">{named}</numFmts>'
        f'<cellXfs count="{len(formats) + 1}"><xf numFmtId="0"/>{used}</cellXfs></styleSheet>'
    )
