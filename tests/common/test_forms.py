"""Forms: what is typed is understood, kept and, where it is wrong, answered at the field."""

from datetime import date, time
from uuid import UUID, uuid4

import pytest
from django import forms
from django.utils.translation import override

from common.clean import END_OF_DAY
from common.forms import (
    ButtonChoices,
    DateField,
    NameField,
    PhoneField,
    SubmissionKeyField,
    TextField,
    TickButtons,
    TimeField,
    VersionField,
    YiwangForm,
)
from common.rules import RuleBroken, SavedMeanwhile


class VisitForm(YiwangForm):
    name = NameField(label="Name")
    phone = PhoneField(label="Phone", required=False)
    on = DateField(label="Day")
    ends = TimeField(label="End", may_end_day=True, required=False)
    content = TextField(label="Content", max_length=10, required=False, help_text="What was done")
    kind = forms.ChoiceField(label="Kind", choices=[("a", "甲"), ("b", "乙")], widget=ButtonChoices, required=False)
    people = forms.MultipleChoiceField(label="People", choices=[("1", "张三")], widget=TickButtons, required=False)
    agreed = forms.BooleanField(label="Agreed", required=False)
    version = VersionField(required=False)
    key = SubmissionKeyField(required=False)


def bound(**typed) -> VisitForm:
    return VisitForm({"name": "张三", "on": "2026-07-12", **typed})


def test_everything_typed_the_chinese_way_is_understood():
    form = bound(name=" 张三 ", phone="１３８ ００００-1234", on="2026年7月12日", ends="24：00", content="好\r\n👍")

    assert form.errors == {}
    assert form.cleaned_data["name"] == "张三"
    assert form.cleaned_data["phone"] == "13800001234"
    assert form.cleaned_data["on"] == date(2026, 7, 12)
    assert form.cleaned_data["ends"] == END_OF_DAY
    assert form.cleaned_data["content"] == "好\n👍"


def test_empty_optional_fields_stay_empty():
    form = bound()

    assert form.errors == {}
    assert (form.cleaned_data["phone"], form.cleaned_data["ends"], form.cleaned_data["content"]) == ("", None, "")


@pytest.mark.parametrize(
    "typed",
    [
        {"name": ""},
        {"name": "张😀"},
        {"name": "长" * 41},
        {"name": "\x00"},
        {"phone": "1380000123"},
        {"phone": "1" * 50},
        {"on": ""},
        {"on": "2026-02-29"},
        {"on": "0202-07-12"},
        {"on": "tomorrow"},
        {"ends": "24:01"},
        {"ends": "x" * 3000},
        {"content": "长" * 11},
        {"version": "x"},
        {"version": "99999999999999999999"},
        {"key": "x"},
    ],
)
def test_what_is_wrong_is_said_at_its_field_alone(typed):
    form = bound(**typed)

    assert list(form.errors) == list(typed)


@pytest.mark.parametrize(("name", "typed"), [("on", "2026年2月30日"), ("ends", "24:61"), ("on", "20260732")])
def test_wrong_entry_is_shown_again_as_it_was_typed(name, typed):
    html = str(bound(**{name: typed})[name])

    assert f'value="{typed}"' in html
    assert 'type="text"' in html


def test_pickers_get_iso_values_in_either_language():
    form = VisitForm(initial={"on": date(2026, 7, 2), "ends": time(8, 5)})

    for language in ("zh-hans", "en"):
        with override(language):
            assert 'type="date" name="on" value="2026-07-02"' in str(form["on"])
            assert 'type="time" name="ends" value="08:05"' in str(form["ends"])


def test_error_is_tied_to_its_field_and_listed_above():
    html = str(bound(content="长" * 11))

    assert 'href="#id_content"' in html
    assert 'aria-describedby="id_content_helptext id_content_error"' in html
    assert 'id="id_content_error"' in html
    assert html.count('aria-invalid="true"') == 1


def test_form_without_errors_has_no_summary():
    assert "error-summary" not in str(VisitForm())


def test_choices_to_tap_are_labelled_inputs():
    html = str(VisitForm()["kind"])

    assert html.count('class="btn-check"') == 2
    assert '<label class="tap-button" for="id_kind_1">乙</label>' in html


def test_broken_rule_lands_on_its_field_or_on_the_form():
    form = bound()
    form.add_rule(RuleBroken("not then", field="on"))
    form.add_rule(RuleBroken("not at all", field="elsewhere"))

    assert form.errors == {"on": ["not then"], "__all__": ["not at all"]}


def test_stale_form_takes_on_the_current_version_and_keeps_the_rest():
    form = bound(version="3", name="李四")
    form.add_rule(SavedMeanwhile(), current_version=7)

    assert 'name="version" value="7"' in str(form["version"])
    assert 'value="李四"' in str(form["name"])


def test_each_empty_form_has_a_key_of_its_own_and_a_sent_one_keeps_it():
    first, second = (UUID(str(VisitForm()["key"].value())) for _ in range(2))
    sent = uuid4()

    assert first != second
    assert bound(key=str(sent)).fields["key"].clean(str(sent)) == sent
