"""Which structured data a page carries: from its view to JSON-LD."""

from iopsgen.outputs.jsonld import breadcrumbs_ld, event_ld, organization_ld, post_ld, together, website_ld
from iopsgen.views import ChapterView, EventView, Frame, HomeView, PostView, Ref, View


def structured_data(view: View, site: Frame) -> str:
    """Escaped JSON for `<script type="application/ld+json">`; "" for pages that need none."""
    home = Ref(title=site.title, url=site.address)
    if isinstance(view, PostView):
        return together(_post(view, home), _crumbs(view))
    if isinstance(view, EventView):
        return together(_event(view), _crumbs(view))
    if isinstance(view, ChapterView):
        branch = organization_ld(
            address=view.head.address, title=view.title, description=view.head.description, email=view.contact, branches=view.children, parent=home
        )
        return together(branch, _crumbs(view))
    if isinstance(view, HomeView):
        organization = organization_ld(
            address=site.address,
            title=site.title,
            description=site.description,
            logo=site.logo,
            social=site.social,
            email=site.contact,
            branches=view.branches,
        )
        words = website_ld(address=site.address, title=site.title, short_title=site.short_title, description=site.description, language=site.language)
        return together(organization, words)
    return ""


def _crumbs(view: PostView | EventView | ChapterView) -> str:
    crumbs = view.head.breadcrumbs
    return breadcrumbs_ld(address=view.head.address, crumbs=(*crumbs, Ref(title=view.title, url=view.head.address))) if crumbs else ""


def _post(view: PostView, home: Ref) -> str:
    return post_ld(
        address=view.head.address,
        title=view.title,
        published=view.date,
        updated=view.updated,
        summary=view.head.description,
        language=view.head.language,
        authors=view.authors,
        picture=view.picture,
        site=home,
        chapter=view.chapter,
        categories=tuple(c.title for c in view.categories),
        tags=tuple(t.title for t in view.tags),
        thread=view.thread,
    )


def _event(view: EventView) -> str:
    return event_ld(
        address=view.head.address,
        title=view.title,
        when=view.when,
        occurrences=view.occurrences,
        series=bool(view.occurrences or view.past),
        status=view.status,
        was=view.was,
        summary=view.head.description,
        language=view.head.language,
        venue=view.venue,
        online=view.online,
        organisers=view.organisers,
        picture=view.picture,
        register_url=view.register_url,
        register_until=view.register_until,
        register_status=view.register_status,
        price=view.price,
        capacity=view.capacity,
    )
