"""The channels of a township as models."""

import pytest

from areas.models import Channel, hotline_of
from tests.factories import make_channel, make_township

pytestmark = pytest.mark.django_db


def test_the_hotline_of_a_township_is_its_first_active_one():
    township = make_township()
    make_channel(township=township, kind="qq", number="123456", order=1)
    make_channel(township=township, order=2, is_active=False)
    second = make_channel(township=township, order=4)
    first = make_channel(township=township, order=3)
    assert hotline_of(township.pk) == first
    first.delete()
    assert hotline_of(township.pk) == second
    assert hotline_of(make_township().pk) is None


@pytest.mark.parametrize(
    ("kind", "number", "href"),
    [
        ("hotline", "12345", "tel:12345"),
        ("hotline", "0577-62880000", "tel:057762880000"),
        ("hotline", "0577-62880000转8001", "tel:057762880000,8001"),
        ("qq", "123456789", ""),
        ("wechat", "大荆义工", ""),
        ("forum", "https://bbs.example.org/", "https://bbs.example.org/"),
    ],
)
def test_only_what_can_be_called_or_opened_is_a_link(kind, number, href):
    assert Channel(kind=kind, number=number).href == href
