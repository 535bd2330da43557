"""The machine-readable mark of generated images: an XMP packet that names the IPTC digital source type.

Sources: IPTC Photo Metadata Standard 2025.1 (property names), EU AI Act Art. 50 (why), product.md (which type).
"""

from __future__ import annotations

import datetime as dt
import io
import re
from dataclasses import dataclass
from xml.etree import ElementTree

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring
from PIL import Image, PngImagePlugin, UnidentifiedImageError

TRAINED_ALGORITHMIC_MEDIA = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
"""IPTC NewsCode of an image that a model made from text."""

SOFTWARE = "EcomGAN Studio"
FORMATS = {"JPEG": "jpg", "PNG": "png", "WEBP": "webp"}
"""Image formats that can carry the mark, with their file endings."""

_SPACES = {
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "x": "adobe:ns:meta/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "xmp": "http://ns.adobe.com/xap/1.0/",
    "photoshop": "http://ns.adobe.com/photoshop/1.0/",
    "Iptc4xmpCore": "http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/",
    "Iptc4xmpExt": "http://iptc.org/std/Iptc4xmpExt/2008-02-29/",
}
_SOURCE_TYPE = f"{{{_SPACES['Iptc4xmpExt']}}}DigitalSourceType"
# What XML 1.0 cannot hold, escaped or not (section 2.2, Char).
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Mark:
    """What a generated image says about itself."""

    title: str
    alt_text: str
    prompt: str
    model: str
    model_digest: str
    created_at: dt.datetime


def encode(image: Image.Image, image_format: str, mark: Mark) -> bytes:
    """`image` as a file of `image_format` (a key of FORMATS) that carries the mark; metadata it had is left behind.

    Raises ValueError for another format.
    """
    file, packet = io.BytesIO(), xmp_packet(mark)
    image = image.copy()
    image.info.clear()
    if image_format == "PNG":
        chunks = PngImagePlugin.PngInfo()
        chunks.add_itxt("XML:com.adobe.xmp", packet.decode("utf-8"))
        image.save(file, "PNG", pnginfo=chunks)
    elif image_format == "JPEG":
        image.save(file, "JPEG", quality=92, subsampling=0, optimize=True, xmp=packet)
    elif image_format == "WEBP":
        image.save(file, "WEBP", quality=92, method=4, xmp=packet)
    else:
        raise ValueError(f"only {', '.join(FORMATS)} can carry the mark, got {image_format!r}")
    return file.getvalue()


def read_mark(data: bytes) -> str | None:
    """The digital source type that an image file declares in its XMP packet; None when it declares none.

    `data` may come from anywhere: it is decoded no further than its header, and a packet that is not plain XML
    counts as none.
    """
    try:
        with Image.open(io.BytesIO(data)) as image:
            packet = image.info.get("xmp")
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError, SyntaxError):
        return None
    if not packet:
        return None
    try:
        root = fromstring(packet.rstrip("\0 ") if isinstance(packet, str) else packet.rstrip(b"\0 "))
    except (ElementTree.ParseError, DefusedXmlException, ValueError):
        return None
    for element in root.iter():  # RDF allows a property as an element and as an attribute
        found = element.text if element.tag == _SOURCE_TYPE else element.get(_SOURCE_TYPE)
        if found and found.strip():
            return str(found).strip()
    return None


def xmp_packet(mark: Mark) -> bytes:
    """The XMP packet of `mark`, UTF-8. Its prompt and alt text must leave it under JPEG's 65,502 bytes."""
    for prefix, space in _SPACES.items():
        ElementTree.register_namespace(prefix, space)
    root = ElementTree.Element(_name("x", "xmpmeta"))
    rdf = ElementTree.SubElement(root, _name("rdf", "RDF"))
    about = ElementTree.SubElement(rdf, _name("rdf", "Description"), {_name("rdf", "about"): ""})
    _text(about, "Iptc4xmpExt", "DigitalSourceType", TRAINED_ALGORITHMIC_MEDIA)
    _text(about, "Iptc4xmpExt", "AISystemUsed", f"{SOFTWARE}: {mark.model}")
    _text(about, "Iptc4xmpExt", "AISystemVersionUsed", mark.model_digest)
    _text(about, "Iptc4xmpExt", "AIPromptInformation", mark.prompt)
    _text(about, "photoshop", "Credit", f"Made with AI by {SOFTWARE}")
    _text(about, "xmp", "CreatorTool", SOFTWARE)
    _text(about, "xmp", "CreateDate", mark.created_at.isoformat(timespec="seconds"))
    _in_languages(about, "dc", "title", mark.title)
    _in_languages(about, "Iptc4xmpCore", "AltTextAccessibility", mark.alt_text)
    body = ElementTree.tostring(root, encoding="unicode")
    return (f'<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n{body}\n<?xpacket end="w"?>').encode()


def _name(prefix: str, local: str) -> str:
    return f"{{{_SPACES[prefix]}}}{local}"


def _text(parent: ElementTree.Element, prefix: str, local: str, value: str) -> None:
    ElementTree.SubElement(parent, _name(prefix, local)).text = _NOT_XML.sub("", value)


def _in_languages(parent: ElementTree.Element, prefix: str, local: str, value: str) -> None:
    """A text of XMP's kind LangAlt, given in one language that is not named."""
    alternatives = ElementTree.SubElement(ElementTree.SubElement(parent, _name(prefix, local)), _name("rdf", "Alt"))
    item = ElementTree.SubElement(
        alternatives, _name("rdf", "li"), {"{http://www.w3.org/XML/1998/namespace}lang": "x-default"}
    )
    item.text = _NOT_XML.sub("", value)
