"""The few words that rendered Markdown itself says, in the languages of the default theme."""

from typing import NamedTuple


class Phrases(NamedTuple):
    """`done` and `to_do` name the boxes of a task list, `footnotes` the notes, `back` the way back from one; `credit` says who made a picture."""

    done: str
    to_do: str
    footnotes: str
    back: str
    credit: str


_ENGLISH = Phrases("done", "to do", "Footnotes", "Back to the text", "Picture: {}")
_PHRASES = {
    "en": _ENGLISH,
    "es": Phrases("hecho", "por hacer", "Notas", "Volver al texto", "Imagen: {}"),
    "fr": Phrases("fait", "à faire", "Notes", "Retour au texte", "Image : {}"),
    "de": Phrases("erledigt", "offen", "Fußnoten", "Zurück zum Text", "Bild: {}"),
    "pt": Phrases("feito", "por fazer", "Notas", "Voltar ao texto", "Imagem: {}"),
    "it": Phrases("fatto", "da fare", "Note", "Torna al testo", "Immagine: {}"),
    "el": Phrases("έγινε", "εκκρεμεί", "Υποσημειώσεις", "Επιστροφή στο κείμενο", "Εικόνα: {}"),
    "ar": Phrases("تم", "لم يتم بعد", "الهوامش", "العودة إلى النص", "الصورة: {}"),
    "ja": Phrases("済み", "未完了", "脚注", "本文に戻る", "画像：{}"),
    "tr": Phrases("tamamlandı", "yapılacak", "Dipnotlar", "Metne dön", "Görsel: {}"),
}


def phrases_in(language: str) -> Phrases:
    """The words in a language (BCP 47), in English where there are none."""
    return _PHRASES.get(language.replace("_", "-").partition("-")[0].lower(), _ENGLISH)
