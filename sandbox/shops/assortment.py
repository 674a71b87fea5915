"""What the shops sell. Invented; the same on every machine, so that a page's address means the same everywhere."""

from dataclasses import dataclass
from functools import cache

from sandbox.shops.chance import among

# Category: (what, lowest and highest base price in cents). Each comes in several models.
GOODS = {
    "kitchen": (("Air fryer", 29_900, 64_900), ("Blender", 9_900, 39_900), ("Espresso machine", 39_900, 249_900), ("Pressure cooker", 12_900, 49_900)),
    "home": (("Robot vacuum", 69_900, 289_900), ("Fan", 8_900, 29_900), ("Bed linen set", 7_900, 34_900), ("Desk lamp", 4_900, 19_900)),
    "electronics": (("Headphones", 9_900, 149_900), ("Tablet", 69_900, 399_900), ("Monitor 27 inch", 79_900, 249_900), ("Smart TV 50 inch", 179_900, 349_900)),
    "baby": (("Stroller", 39_900, 189_900), ("Nappies, 90 pieces", 5_900, 12_900), ("Car seat", 29_900, 119_900)),
    "pets": (("Dog food 15 kg", 11_900, 34_900), ("Cat litter 12 kg", 3_900, 8_900)),
    "pantry": (("Coffee beans 1 kg", 5_900, 8_900),),
}  # fmt: skip
BRANDS = ("Aurora", "Bravio", "Cedro", "Dália", "Estela", "Faro")
MODELS = 3


@dataclass(frozen=True, slots=True)
class Good:
    """`base` is in cents of a real."""

    slug: str
    name: str
    brand: str
    category: str
    gtin: str
    base: int


@dataclass(frozen=True, slots=True)
class Shop:
    """`style` says how its pages write a price (sandbox/shops/pages.py); `share` how many of the goods it sells, in per cent."""

    key: str
    name: str
    style: str
    share: int
    currency: str = "BRL"
    level: float = 1.0


SHOPS = (
    Shop("mercado-azul", "Mercado Azul", "json_ld", 100, level=1.0),
    Shop("loja-prisma", "Loja Prisma", "graph", 90, level=1.04),
    Shop("casa-nove", "Casa Nove", "microdata", 75, level=0.97),
    Shop("techponto", "TechPonto", "aggregate", 70, level=1.01),
    Shop("bazar-livre", "Bazar Livre", "text", 95, level=0.95),
    Shop("feira-online", "Feira Online", "feed", 80, level=1.02),
    Shop("kontor", "Kontor", "euro", 40, currency="EUR", level=0.18),
)


@cache
def goods() -> tuple[Good, ...]:
    """Fifty-four of them: every kind in three models."""
    made: list[Good] = []
    for category, kinds in GOODS.items():
        for kind, least, most in kinds:
            for model in range(MODELS):
                brand = BRANDS[among(len(BRANDS), "brand", kind, model)]
                number = 100 + 300 * model + among(300, "model", kind, model)
                slug = f"{kind.split(',')[0].lower().replace(' ', '-')}-{number}"
                base = least + (most - least) * model // (MODELS - 1)
                made.append(Good(slug, f"{kind} {brand} {number}", brand, category, _gtin(len(made)), base))
    return tuple(made)


@cache
def sold_by(shop: Shop) -> tuple[Good, ...]:
    return tuple(good for good in goods() if among(100, "sells", shop.key, good.slug) < shop.share)


def _gtin(number: int) -> str:
    """EAN-13 of the range that GS1 keeps for use within a company (prefix 2), with its check digit."""
    digits = f"2{number:011d}"
    odd_and_even = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits))
    return digits + str(-odd_and_even % 10)
