"""Events as bytes and back: permanent names, sealed fields, and upcasts for the shapes of the past."""

from __future__ import annotations

from base64 import b64encode
from binascii import a2b_base64
from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from typing import Any

import msgspec

from eventstore.keys import open_sealed, seal

WITHHELD = "(withheld)"
_MARK = "sealed:1:"
_FORGOTTEN = "sealed:0:"

# A shape no longer written: its data in, the name and data of the shape that followed it out.
Upcast = Callable[[dict[str, Any]], tuple[str, dict[str, Any]]]


class MissingKey(Exception):
    """A text that must be sealed came without a key to seal it with."""


class UnknownEvent(Exception):
    """The record names an event that this version does not know."""


class Codec:
    """Knows every event by its permanent name.

    `sealed` names the text fields that are only ever stored encrypted. `upcasts` leads from a name no longer
    written to the next; an upcast keeps the names of sealed fields, since each text is bound to its stream,
    the name it was written under and its field.
    """

    def __init__(
        self,
        types: Mapping[str, type],
        sealed: Mapping[str, tuple[str, ...]],
        upcasts: Mapping[str, Upcast] | None = None,
    ) -> None:
        self._made_of = types, sealed, upcasts
        self._upcasts = dict(upcasts or {})
        both = types.keys() & self._upcasts.keys()
        if both:
            raise ValueError(f"{', '.join(sorted(both))}: an event that is still written cannot be upcast.")
        self._types = dict(types)
        self._names = {kind: name for name, kind in types.items()}
        self._fields = {types[name]: tuple(f.name for f in fields(types[name])) for name in sealed}
        self._sealed = {types[name]: texts for name, texts in sealed.items()}
        self._encode = msgspec.json.Encoder().encode
        self._decoders: dict[str, Callable[[bytes], Any]] = {
            name: msgspec.json.Decoder(kind).decode for name, kind in types.items()
        }

    def __reduce__(self) -> tuple[type[Codec], tuple[object, ...]]:
        """Goes to another process as what it was made of."""
        return Codec, self._made_of

    def name(self, event: object) -> str:
        """The permanent name of this event."""
        return self._names[type(event)]

    def encode(self, event: object, key: bytes | None, stream: str, *, forgotten: bool = False) -> bytes:
        """The event as it is stored, its sealed texts encrypted with the key of its stream.

        `forgotten` says that the key was destroyed: the texts are then dropped. Otherwise a missing key is
        MissingKey, so that nothing is written in clear or lost by mistake.
        """
        kind = type(event)
        texts = self._sealed.get(kind)
        if texts is None:
            return self._encode(event)
        closed: dict[str, str] = {}
        for text in texts:
            value = getattr(event, text)
            if value is None:
                continue
            if key is not None:
                aad = _place(stream, self._names[kind], text)
                closed[text] = _MARK + b64encode(seal(key, value.encode(), aad)).decode("ascii")
            elif forgotten:
                closed[text] = _FORGOTTEN
            else:
                raise MissingKey(f"{self._names[kind]}.{text} of {stream} must be sealed, but there is no key.")
        if not closed:
            return self._encode(event)
        return self._encode({name: closed.get(name) or getattr(event, name) for name in self._fields[kind]})

    def decode(self, name: str, data: bytes) -> Any:
        """The event, of today's class whatever shape it was written in; sealed texts stay closed."""
        decoder = self._decoders.get(name)
        if decoder is not None:
            return decoder(data)
        if name not in self._upcasts:
            raise UnknownEvent(f"The record has an event {name!r}, which this version of Pairway does not know.")
        value: dict[str, Any] = msgspec.json.decode(data)
        while name in self._upcasts:
            name, value = self._upcasts[name](value)
        return msgspec.convert(value, self._types[name])

    def opened(self, name: str, event: Any, key: bytes | None, stream: str) -> Any:
        """The event with its sealed texts in clear, or "(withheld)" without a key; `name` as stored."""
        changed: dict[str, str] = {}
        for text in self._sealed.get(event.__class__, ()):
            value = getattr(event, text)
            if value is None:
                continue
            if key is not None and value.startswith(_MARK):
                closed = a2b_base64(value[len(_MARK) :])
                changed[text] = open_sealed(key, closed, _place(stream, name, text)).decode()
            else:
                changed[text] = WITHHELD
        return replace(event, **changed) if changed else event

    def open_text(self, name: str, field: str, text: str, key: bytes | None, stream: str) -> str | None:
        """One sealed text in clear, for readers that kept it by itself; none without its key."""
        if key is None or not text.startswith(_MARK):
            return None
        return open_sealed(key, a2b_base64(text[len(_MARK) :]), _place(stream, name, field)).decode()


def _place(stream: str, name: str, field: str) -> bytes:
    return f"{stream}\n{name}\n{field}".encode()
