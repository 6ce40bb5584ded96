"""What a person's pages keep on the device: whose it is, and the key that it lies sealed by.

Several people use one browser at the township. Each has a store of their own there, named by an opaque id, and what
lies in it is sealed by a key that only the person's own pages carry: the next one at the machine reads nothing.
"""

import base64
from dataclasses import dataclass
from typing import Self

from django.utils.crypto import constant_time_compare, salted_hmac

from accounts.models import User


@dataclass(frozen=True)
class OwnStore:
    """A person's store on any device; both follow from ``SECRET_KEY``, and the database holds neither."""

    owner: str
    key: str

    @classmethod
    def of(cls, user: User) -> Self:
        """Return the person's own."""
        owner = salted_hmac("accounts.own_store.owner", str(user.pk), algorithm="sha256").hexdigest()[:32]
        key = salted_hmac("accounts.own_store.key", str(user.pk), algorithm="sha256").digest()
        return cls(owner, base64.b64encode(key).decode())

    def is_named(self, owner: str) -> bool:
        """Whether ``owner``, as a device says it, is this person."""
        return constant_time_compare(owner, self.owner)
