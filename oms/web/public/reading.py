"""How one customer reads their page: in which language, numbers and days of which place."""

import gettext

from oms.web.formats import Formats
from oms.web.translations import LOCALES, translations


class Reading:
    """Words and numbers of one reader."""

    def __init__(self, language: str, time_zone: str, now_ms: int) -> None:
        self.language = language
        self._words: gettext.NullTranslations = translations(language)
        self.fmt = Formats(LOCALES[language], time_zone, self._words, now_ms)

    def say(self, words: str, **filled: str) -> str:
        """Words in the reader's language, `%(…)s` filled in."""
        told = self._words.gettext(words)
        return told % filled if filled else told

    def day(self, at_ms: int) -> str:
        """Today, tomorrow, or the day with its name."""
        fmt = self.fmt
        ahead = fmt.days_until(at_ms)
        if ahead == 0:
            return self._words.gettext("today")
        if ahead == 1:
            return self._words.gettext("tomorrow")
        return fmt.long_day(at_ms)
