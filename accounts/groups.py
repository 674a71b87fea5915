from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType

from accounts.models import Person
from accounts.roles import PERMISSIONS, Role


def sync(using: str = "default") -> None:
    """One group per role, holding exactly the permissions that the table gives it. May run any number of times."""
    kind = ContentType.objects.db_manager(using).get_for_model(Person)
    wanted = {one.name for one in PERMISSIONS}
    ours = Permission.objects.using(using).filter(content_type=kind, codename__contains=".")
    ours.exclude(codename__in=wanted).delete()
    known = {one.codename: one for one in ours}
    for permission in PERMISSIONS:
        if permission.name not in known:
            made = Permission.objects.using(using).create(content_type=kind, codename=permission.name, name=str(permission.label)[:255])
            known[permission.name] = made
    for role in Role:
        group, _made = Group.objects.using(using).get_or_create(name=role.value)
        group.permissions.set(known[one.name] for one in PERMISSIONS if role in one.roles)
