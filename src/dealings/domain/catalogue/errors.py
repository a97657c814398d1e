"""What the catalogue refuses."""

from dealings.kernel.errors import Conflict, Invalid, Missing


class NoSuchProduct(Missing):
    code = "catalogue.no_such_product"
    text = "This product is not sold here (any more)."


class NoSuchVariant(Missing):
    code = "catalogue.no_such_variant"
    text = "This variant is not sold here (any more). Choose another one."


class NoSuchPicture(Missing):
    code = "catalogue.no_such_picture"
    text = "The product has no such picture. Reload to see what it has now."


class OutOfStock(Conflict):
    code = "catalogue.out_of_stock"
    text = "Not enough in stock: {left} left. Choose fewer, or something else."


class StockPromised(Conflict):
    code = "catalogue.stock_promised"
    text = "{reserved} pieces are reserved for orders. Set the stock to at least that many, or ship first."


class VariantPromised(Conflict):
    code = "catalogue.variant_promised"
    text = "“{name}” is reserved for an order. Keep it until that order is shipped or closed."


class SkuTaken(Conflict):
    code = "catalogue.sku_taken"
    text = "The SKU “{sku}” belongs to another variant of this shop. Give each its own."


class VariantRepeated(Invalid):
    code = "catalogue.variant_repeated"
    text = "The variant “{name}” is there twice. Change its options, or leave one out."


class OptionsMismatch(Invalid):
    code = "catalogue.options_mismatch"
    text = "The variant “{name}” needs one value for each of the product's {count} options."


class TooManyPictures(Invalid):
    code = "catalogue.too_many_pictures"
    text = "A product can have {most} pictures. Remove one first."
