"""The components that pages are made of."""

import re
from types import SimpleNamespace

import pytest
from django.template import Context, Template, TemplateSyntaxError
from django.utils import translation
from django.utils.safestring import mark_safe

from common.templatetags.yiwang import TONE_ICONS, badge, icon, phone_tabs


def render(source: str, **context) -> str:
    return Template("{% load yiwang %}" + source).render(Context(context))


def test_icon_is_decoration_without_inline_style():
    svg = icon("users")

    assert 'aria-hidden="true"' in svg
    assert "style=" not in svg


@pytest.mark.parametrize("tone", list(TONE_ICONS))
def test_state_is_a_word_with_an_icon(tone):
    html = badge(tone, "在岗")

    assert f'class="state state-{tone}"' in html
    assert "<svg" in html
    assert re.sub("<.*?>", "", html).strip() == "在岗"


def test_state_escapes_its_word():
    assert "<b>" not in badge("ok", "<b>")


def test_figure_leads_to_its_rows_when_it_has_an_address():
    assert '<a class="figure" href="/rows/">' in render('{% figure 3 "Logs" url="/rows/" %}')
    assert "<a" not in render('{% figure 3 "Logs" %}')


def test_bars_measure_against_the_largest_and_bear_nothing_but_zeros():
    html = render('{% bars rows "Logs" %}', rows=[("甲", 4), ("乙", 1, "/b/"), ("丙", 0)])

    assert re.findall(r'class="bar" width="([0-9.]+)"', html) == ["100.0", "25.0", "0.0"]
    assert '<a href="/b/">乙</a>' in html
    assert 'width="0.0"' in render('{% bars rows "Logs" %}', rows=[("甲", 0)])


def test_columns_say_their_values_in_words():
    html = render('{% columns rows "Months" unit="次" %}', rows=[("1月", 4), ("2月", 2)])

    assert "1月 4次, 2月 2次" in html
    assert re.findall(r' height="([0-9.]+)" rx', html) == ["120.0", "60.0"]


def test_confirm_button_posts_and_asks_first():
    html = render('{% confirm "/do/" "Do it" text="Sure?" version=4 %}', csrf_token="abc")

    assert '<form class="inline-form" method="post" action="/do/" data-confirm="Sure?"' in html
    assert 'name="csrfmiddlewaretoken" value="abc"' in html
    assert 'name="version" value="4"' in html


def test_phone_shows_the_work_of_the_village_first():
    entries = [SimpleNamespace(icon=name) for name in ("house", "users", "handshake", "notebook-pen", "award")]

    tabs = phone_tabs(entries)

    assert [entry.icon for entry in tabs["first"]] == ["house", "notebook-pen", "handshake"]
    assert [entry.icon for entry in tabs["rest"]] == ["users", "award"]


def test_each_prints_what_for_prints():
    body = "<b title='{{ label }}'>{{ row.name }}</b>{% if row.odd %}{{ row.name|upper }}{% endif %}{{ label|upper }}"
    rows = [{"name": "<a>", "odd": True}, {"name": "b", "odd": False}]

    printed = render(f"{{% each row in rows %}}{body}{{% endeach %}}{{{{ row }}}}", rows=rows, label="'x'")

    assert printed == render(f"{{% for row in rows %}}{body}{{% endfor %}}{{{{ row }}}}", rows=rows, label="'x'")
    assert "&lt;a&gt;" in printed


@pytest.mark.parametrize("wrong", ["each", "each row", "each row of rows", "each row in"])
def test_each_says_how_it_is_written(wrong):
    with pytest.raises(TemplateSyntaxError, match=r"each row in page\.rows"):
        Template("{% load yiwang %}{% " + wrong + " %}{% endeach %}")


@pytest.mark.parametrize(("language", "shown"), [("en", "A &amp; B. And then."), ("zh-hans", "A &amp; B.And then.")])
def test_sentences_have_a_blank_between_them_in_latin_script_only(language, shown):
    with translation.override(language):
        html = render("{% sentences first none then %}", first="A & B.", none="", then=mark_safe("And then."))

    assert html == shown
