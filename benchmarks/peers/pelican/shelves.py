"""What Pelican has no setting for: lists and feeds of chapters, a list for each section, what is before, after and near an article."""

from collections import Counter

from pelican import signals


def find_neighbours(generator):
    """Gives every article the one before, the one after and up to three that share tags, and collects the shelves."""
    shelves, tagged = {}, {}
    for article in generator.articles:  # newest first
        article.chapter_names = article.metadata["chapters"].split(", ")
        for shelf in (article.section, *(f"chapters/{name}" for name in article.chapter_names)):
            shelves.setdefault(shelf, []).append(article)
        for tag in getattr(article, "tags", ()):
            tagged.setdefault(tag.slug, []).append(article)
    for section in ("posts", "events"):
        row = shelves.get(section, [])
        for newer, older in zip([None, *row], [*row, None], strict=True):
            if newer:
                newer.older = older
            if older:
                older.newer = newer
    for article in generator.articles:
        shared = Counter(other for tag in getattr(article, "tags", ()) for other in tagged[tag.slug] if other is not article)
        article.related = [other for other, _ in shared.most_common(3)]
    generator.context["shelves"] = generator.shelves = shelves


def write_shelves(generator, writer):
    """The lists and feeds of the shelves, and the list of chapters."""
    context = generator.context
    for shelf, articles in generator.shelves.items():
        title = shelf.rpartition("/")[2]
        lists = {"articles": articles, "dates": articles}
        template = generator.get_template("shelf")
        writer.write_file(f"{shelf}/index.html", template, context, paginated=lists, template_name="shelf", url=f"{shelf}/", title=title, **lists)
        if shelf.startswith("chapters/"):
            for name, kind in (("feed.xml", "rss"), ("atom.xml", "atom")):
                writer.write_feed(articles, context, f"{shelf}/{name}", feed_title=title, feed_type=kind)
    chapters = sorted(shelf for shelf in generator.shelves if shelf.startswith("chapters/"))
    writer.write_file("chapters/index.html", generator.get_template("chapters"), context, chapters=chapters)


def register():
    """Called by Pelican."""
    signals.article_generator_finalized.connect(find_neighbours)
    signals.article_writer_finalized.connect(write_shelves)
