"""The comment form as each service wants it: where it is sent, how its fields are called, what is sent along unseen."""

from iopsgen.settings import FormSettings
from iopsgen.views import CommentForm

_PLAIN = {"body": "body", "name": "name", "url": "url", "parent": "parent", "trap": "website"}
# Staticman (API v3) reads `fields[…]` and `options[…]` and refuses fields that are not in its allowedFields, hence the trap.
_STATICMAN = {
    "body": "fields[message]",
    "name": "fields[name]",
    "url": "fields[url]",
    "parent": "options[parent]",
    "trap": "fields[website]",
}


def comment_form(form: FormSettings, *, page: str, slug: str, title: str, language: str, url: str, address: str) -> CommentForm | None:
    """The form of one page, or None where the settings name no service that takes it.

    `page` is the route, `url` and `address` the page on this host and absolute. Services that can lead back do so to `#sent`, where
    the theme says thank you. What `comments.form.fields` holds wins over what is ready-made.
    """
    sent = f"{address}#sent"
    action, names = form.action, _PLAIN
    hidden = {"page": page, "language": language}
    if form.service == "netlify":  # takes what is sent to any page of the site
        action = action or f"{url}#sent"
        hidden = {"form-name": "comments", **hidden}
    elif form.service == "staticman":
        names = _STATICMAN
        hidden = {"fields[page]": page, "fields[language]": language, "options[slug]": slug, "options[origin]": address, "options[redirect]": sent}
    elif form.service == "formspree":
        names = {**_PLAIN, "trap": "_gotcha"}
        hidden = {**hidden, "_subject": title, "_next": sent}
    elif form.service == "receiver":
        names = {**_PLAIN, "elapsed": "elapsed"}
    if not action:
        return None
    return CommentForm(action=action, service=form.service, hidden={**hidden, **form.fields}, names=names)
