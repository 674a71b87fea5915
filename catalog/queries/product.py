from django.db.models import QuerySet

from catalog.models import Offer, Product, Status


def offers_archived_with(product: Product) -> QuerySet[Offer]:
    """The offers that were archived in the act that archived the product: at the same moment. Empty for an active one."""
    if product.status != Status.ARCHIVED:
        return Offer.objects.none()
    return product.offers.filter(status=Status.ARCHIVED, updated_at=product.updated_at)
