"""Why a file is refused: a stable code and a sentence, before anybody knows the name of the file."""


class Refused(Exception):
    """The content cannot be accepted. ``code`` is stable kebab-case; the sentences name the reason and the way out."""

    def __init__(self, code: str, zh: str, en: str) -> None:
        super().__init__(en)
        self.code = code
        self.zh = zh
        self.en = en
