"""SmartNoise's tokens, as its grammar has them, plus tokens for what it cannot read, so that the rules can name it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum


class T(Enum):
    """The kinds of tokens. `BAD` is a character that SmartNoise's lexer refuses, `OPEN` an unterminated string or comment."""

    WORD = "word"
    QUOTED = "quoted name"
    STRING = "string"
    NUMBER = "number"
    OPERATOR = "operator"
    BAD = "bad"
    OPEN = "open"
    END = "end"


@dataclass(frozen=True, slots=True)
class Token:
    """One token. `parts` are a name's pieces where it is qualified; `upper` its text in upper case."""

    kind: T
    text: str
    start: int
    end: int
    upper: str = ""

    @property
    def parts(self) -> list[str]:
        return [m.group() for m in _PART.finditer(self.text)]


_IDENT = r"(?:[A-Za-z_\u00A1-\uFFFF][A-Za-z_\u00A1-\uFFFF0-9$]*|\"(?:\\.|\"\"|[^\"\\])*\"|\[[A-Za-z0-9_ -]*\]|`[A-Za-z0-9_ -]*`)"
_PART = re.compile(_IDENT)
_NAME = re.compile(rf"{_IDENT}(?:\.{_IDENT}){{0,2}}")
_SKIP = re.compile(r"[ \t\r\n]+|--[^\r\n]*|/\*\*/|/\*[^+].*?\*/", re.S)
_STRING = re.compile(r"'(?:[^'\\]|\\.)*'", re.S)
_NUMBER = re.compile(r"[0-9]+\.[0-9]*(?:E[+-]?[0-9]+)?|[0-9]+E[+-]?[0-9]+|[0-9]+")
_OPERATOR = re.compile(r"<=>|::|==|<>|!=|<=|>=|!>|!<|\|\||!~~|[-=<>+*/%~&|^(),;.?:@!#{}]")
_READABLE = frozenset("-=<>+*/%(),;.")
_READ_OPERATORS = frozenset({"<=>", "==", "<>", "!=", "<=", ">=", "!>", "!<"})


def tokenize(text: str) -> list[Token]:
    """The tokens of `text`, the last one `END`. Comments and blanks are skipped as SmartNoise skips them."""
    tokens: list[Token] = []
    at = 0
    while at < len(text):
        if match := _SKIP.match(text, at):
            at = match.end()
            continue
        token = _token(text, at)
        tokens.append(token)
        at = token.end
    tokens.append(Token(T.END, "", len(text), len(text)))
    return tokens


def _token(text: str, at: int) -> Token:
    if text.startswith("/*", at):
        end = text.find("*/", at)
        return Token(T.OPEN, "/*", at, len(text)) if end < 0 else Token(T.BAD, text[at : end + 2], at, end + 2)
    if text[at] == "'":
        if match := _STRING.match(text, at):
            return Token(T.STRING, match.group(), at, match.end())
        return Token(T.OPEN, "'", at, len(text))
    if match := _NAME.match(text, at):
        word = match.group()
        kind = T.QUOTED if any(c in word for c in '"[`') else T.WORD
        return Token(kind, word, at, match.end(), word.upper())
    if match := _NUMBER.match(text, at):
        return Token(T.NUMBER, match.group(), at, match.end())
    if match := _OPERATOR.match(text, at):
        operator = match.group()
        readable = operator in _READABLE or operator in _READ_OPERATORS
        kind = T.OPERATOR if readable or operator in ("||", "::", "^", "&", "|", "~") else T.BAD
        return Token(kind, operator, at, match.end(), operator)
    return Token(T.BAD, text[at], at, at + 1)
