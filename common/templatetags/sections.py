"""How a page that is put together from sections prints its parts."""

from typing import Any

from django import template
from django.template.loader import get_template
from django.utils.safestring import SafeString

from common.sections import Part

register = template.Library()


@register.simple_tag(takes_context=True)
def section_part(context: template.Context, part: Part[Any]) -> SafeString:
    """Print the inside of a part, with its own words above the page's."""
    with context.push(**part.context):
        return get_template(part.section.template).template.render(context)  # type: ignore[attr-defined]
