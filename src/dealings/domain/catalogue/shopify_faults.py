"""What can be wrong in a product file: one stable code and one helpful sentence for each fault."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

import msgspec

MAX_SHOWN_CHARS: Final = 60
"""A value quoted in a message is cut here: it is a pointer to the cell, not a copy of it."""


class Fault(StrEnum):
    """Codes are part of the interface: scripts and the desk rely on them. Never rename one."""

    FILE_EMPTY = "file_empty"
    FILE_TOO_LARGE = "file_too_large"
    UNKNOWN_ENCODING = "unknown_encoding"
    MISSING_COLUMN = "missing_column"
    DUPLICATE_COLUMN = "duplicate_column"
    TOO_MANY_ROWS = "too_many_rows"
    TOO_MANY_ERRORS = "too_many_errors"
    UNCLOSED_QUOTE = "unclosed_quote"
    STRAY_QUOTE = "stray_quote"
    ROW_TOO_WIDE = "row_too_wide"
    ROW_TOO_SHORT = "row_too_short"
    ROW_WITHOUT_CONTENT = "row_without_content"
    FIELD_TOO_LONG = "field_too_long"
    MISSING_HANDLE = "missing_handle"
    BAD_HANDLE = "bad_handle"
    MISSING_TITLE = "missing_title"
    TITLE_CONFLICT = "title_conflict"
    BAD_BOOLEAN = "bad_boolean"
    BAD_STATUS = "bad_status"
    TOO_MANY_TAGS = "too_many_tags"
    TOO_MANY_VARIANTS = "too_many_variants"
    TOO_MANY_PICTURES = "too_many_pictures"
    TOO_MANY_OPTIONS = "too_many_options"
    OPTION_NAME_MISSING = "option_name_missing"
    OPTION_NAME_CONFLICT = "option_name_conflict"
    OPTION_NAME_REPEATED = "option_name_repeated"
    OPTION_VALUE_MISSING = "option_value_missing"
    DUPLICATE_VARIANT = "duplicate_variant"
    DUPLICATE_SKU = "duplicate_sku"
    MISSING_PRICE = "missing_price"
    BAD_PRICE = "bad_price"
    NEGATIVE_PRICE = "negative_price"
    PRICE_TOO_HIGH = "price_too_high"
    BAD_QUANTITY = "bad_quantity"
    NEGATIVE_QUANTITY = "negative_quantity"
    QUANTITY_TOO_HIGH = "quantity_too_high"
    BAD_WEIGHT = "bad_weight"
    BAD_POLICY = "bad_policy"
    BAD_PICTURE_ADDRESS = "bad_picture_address"
    BAD_PICTURE_POSITION = "bad_picture_position"


WHOLE_FILE: Final = frozenset(
    {
        Fault.FILE_EMPTY,
        Fault.FILE_TOO_LARGE,
        Fault.UNKNOWN_ENCODING,
        Fault.MISSING_COLUMN,
        Fault.DUPLICATE_COLUMN,
        Fault.TOO_MANY_ROWS,
        Fault.TOO_MANY_ERRORS,
    }
)
"""After one of these part of the file is unread: skipping bad lines would skip unseen ones."""

SPARING: Final = frozenset(
    {
        Fault.BAD_PICTURE_ADDRESS,
        Fault.BAD_PICTURE_POSITION,
        Fault.TOO_MANY_PICTURES,
        Fault.ROW_WITHOUT_CONTENT,
    }
)
"""These cost their picture or their row; any other fault in a row withholds the whole product,
because a product on sale with half its variants or a guessed price is worse than one that waits."""


class Sentence(msgspec.Struct, frozen=True):
    """One sentence in both languages; `{value}`, `{column}`, `{other}` are filled in."""

    en: str
    zh: str


class LineError(msgspec.Struct, frozen=True, kw_only=True):
    """A fault, by the physical line (from 1) on which its record starts in the file."""

    line: int
    code: Fault
    message: str
    message_zh: str


def line_error(line: int, code: Fault, *, value: str = "", column: str = "", other: str | int = "") -> LineError:
    """The error with its sentences filled in; long values are shortened."""
    shown = value if len(value) <= MAX_SHOWN_CHARS else value[: MAX_SHOWN_CHARS - 1] + "…"
    told = SENTENCES[code]
    return LineError(
        line=line,
        code=code,
        message=told.en.format(value=shown, column=column, other=other),
        message_zh=told.zh.format(value=shown, column=column, other=other),
    )


SENTENCES: Final[Mapping[Fault, Sentence]] = {
    Fault.FILE_EMPTY: Sentence(
        "The file is empty. Export your products again and choose that file.",
        "文件是空的，请重新导出商品后再选择该文件。",
    ),
    Fault.FILE_TOO_LARGE: Sentence(
        "The file is larger than {other} MB. Split it and import the parts one by one.",
        "文件超过 {other} MB，请拆成几个文件分别导入。",
    ),
    Fault.UNKNOWN_ENCODING: Sentence(
        "The text here is neither UTF-8, UTF-16 nor GB18030. Save the file as “CSV UTF-8” and try again.",
        "这里的文字不是 UTF-8、UTF-16 或 GB18030 编码，请另存为“CSV UTF-8”后重试。",
    ),
    Fault.MISSING_COLUMN: Sentence(
        "The column “{column}” is missing. Add it to the first line; Shopify also calls it “{other}”.",
        "缺少“{column}”列，请在首行补上；Shopify 也称它为“{other}”。",
    ),
    Fault.DUPLICATE_COLUMN: Sentence(
        "The column “{column}” appears twice. Delete one of the two.",
        "“{column}”列出现了两次，请删去其中一列。",
    ),
    Fault.TOO_MANY_ROWS: Sentence(
        "The file has more than {other} rows. Split it and import the parts one by one.",
        "文件超过 {other} 行，请拆成几个文件分别导入。",
    ),
    Fault.TOO_MANY_ERRORS: Sentence(
        "There are more than {other} faults; the lines from here on were not checked. Correct these first.",
        "错误超过 {other} 处，此后各行未再检查，请先改正以上错误。",
    ),
    Fault.UNCLOSED_QUOTE: Sentence(
        "A quotation mark opened in this row is never closed. Close it, or delete it.",
        "此行有一个引号没有配对，请补上或删去。",
    ),
    Fault.STRAY_QUOTE: Sentence(
        "A quotation mark stands inside a quoted value. Write it twice ({value}), or delete it.",
        "带引号的内容里多出一个引号，请写成两个（{value}）或删去。",
    ),
    Fault.ROW_TOO_WIDE: Sentence(
        "This row has {value} values for {other} columns. Put values that hold a comma in quotation marks.",
        "此行有 {value} 个值，而首行只有 {other} 列；含逗号的内容请加引号。",
    ),
    Fault.ROW_TOO_SHORT: Sentence(
        "This row has {value} values for {other} columns. Fill the row up with empty values.",
        "此行只有 {value} 个值，而首行有 {other} 列，请用空值补齐。",
    ),
    Fault.ROW_WITHOUT_CONTENT: Sentence(
        "This row adds neither a variant nor a picture to “{value}”. Fill it in or delete it.",
        "此行没有给“{value}”增加规格或图片，请补全或删去。",
    ),
    Fault.FIELD_TOO_LONG: Sentence(
        "“{column}” is longer than {other} characters. Shorten it, or close a quotation mark left open here.",
        "“{column}”超过 {other} 个字符，请缩短；也可能是这里的引号没有配对。",
    ),
    Fault.MISSING_HANDLE: Sentence(
        "The handle is missing. Repeat the product's handle on each of its rows.",
        "缺少商品标识（Handle），同一商品的每一行都要写上。",
    ),
    Fault.BAD_HANDLE: Sentence(
        "“{value}” can't be a handle. Use letters, digits and hyphens, such as longjing-2026.",
        "“{value}”不能作为商品标识，请用字母、数字和连字符，例如 longjing-2026。",
    ),
    Fault.MISSING_TITLE: Sentence(
        "The first row of “{value}” has no title. Give the product a title there.",
        "“{value}”的首行没有标题，请在该行填写商品标题。",
    ),
    Fault.TITLE_CONFLICT: Sentence(
        "“{value}” was already titled “{other}”. Use another handle for another product.",
        "“{value}”已有标题“{other}”；如果是另一件商品，请换一个商品标识。",
    ),
    Fault.BAD_BOOLEAN: Sentence(
        "“{value}” in “{column}” is neither true nor false. Write one of the two.",
        "“{column}”中的“{value}”无法识别，请写 true 或 false。",
    ),
    Fault.BAD_STATUS: Sentence(
        "“{value}” is not a status. Write active, draft, archived or unlisted.",
        "“{value}”不是有效状态，请写 active、draft、archived 或 unlisted。",
    ),
    Fault.TOO_MANY_TAGS: Sentence(
        "“{value}” has more than {other} tags. Keep the ones people search for.",
        "“{value}”的标签超过 {other} 个，请只保留常被搜索的。",
    ),
    Fault.TOO_MANY_VARIANTS: Sentence(
        "“{value}” has more than {other} variants. Split it into several products.",
        "“{value}”的规格超过 {other} 种，请拆成几件商品。",
    ),
    Fault.TOO_MANY_PICTURES: Sentence(
        "“{value}” has more than {other} pictures. Delete this row or others like it.",
        "“{value}”的图片超过 {other} 张，请删去此行或其他图片行。",
    ),
    Fault.TOO_MANY_OPTIONS: Sentence(
        "A product can have three options; this row fills a fourth. Join two of them into one.",
        "一件商品最多三个选项，此行填写了第四个，请合并其中两个。",
    ),
    Fault.OPTION_NAME_MISSING: Sentence(
        "The value “{value}” has no option name. Name “{column}” in the product's first row.",
        "“{value}”没有对应的选项名，请在商品首行填写“{column}”。",
    ),
    Fault.OPTION_NAME_CONFLICT: Sentence(
        "The option is called “{value}” here and “{other}” in the product's first row. Use one name.",
        "选项名在此行是“{value}”，在商品首行是“{other}”，请统一。",
    ),
    Fault.OPTION_NAME_REPEATED: Sentence(
        "Two options are called “{value}”. Give each its own name.",
        "有两个选项都叫“{value}”，请分别命名。",
    ),
    Fault.OPTION_VALUE_MISSING: Sentence(
        "This variant has no value for “{value}”. Fill in “{column}”.",
        "此规格没有填写“{value}”，请补上“{column}”。",
    ),
    Fault.DUPLICATE_VARIANT: Sentence(
        "The variant “{value}” is already on line {other}. Change its options or delete one of the two rows.",
        "规格“{value}”已在第 {other} 行出现，请修改选项或删去其中一行。",
    ),
    Fault.DUPLICATE_SKU: Sentence(
        "The SKU “{value}” already belongs to the variant on line {other}. Give each variant its own.",
        "SKU“{value}”已用于第 {other} 行的规格，每个规格请用不同的 SKU。",
    ),
    Fault.MISSING_PRICE: Sentence(
        "This variant has no price. Fill in “{column}”, such as 128.00.",
        "此规格没有价格，请在“{column}”填写，例如 128.00。",
    ),
    Fault.BAD_PRICE: Sentence(
        "“{value}” in “{column}” is not an amount in {other}. Write digits and a decimal point, such as 128.00.",
        "“{column}”中的“{value}”不是 {other} 金额，请只写数字和小数点，例如 128.00。",
    ),
    Fault.NEGATIVE_PRICE: Sentence(
        "“{value}” in “{column}” is below zero. A price is zero or more.",
        "“{column}”中的“{value}”小于零，价格不能为负。",
    ),
    Fault.PRICE_TOO_HIGH: Sentence(
        "“{value}” in “{column}” is too high. The most is {other}.",
        "“{column}”中的“{value}”过高，上限为 {other}。",
    ),
    Fault.BAD_QUANTITY: Sentence(
        "“{value}” is not a quantity. Write a whole number, such as 12.",
        "“{value}”不是有效数量，请写整数，例如 12。",
    ),
    Fault.NEGATIVE_QUANTITY: Sentence(
        "The quantity “{value}” is below zero. Write how many can still be sold, or 0.",
        "数量“{value}”小于零，请填写还能卖多少件，没有就写 0。",
    ),
    Fault.QUANTITY_TOO_HIGH: Sentence(
        "The quantity “{value}” is too high. The most is {other}.",
        "数量“{value}”过大，上限为 {other}。",
    ),
    Fault.BAD_WEIGHT: Sentence(
        "“{value}” is not a weight in grams. Write a number, such as 250.",
        "“{value}”不是以克计的重量，请写数字，例如 250。",
    ),
    Fault.BAD_POLICY: Sentence(
        "“{value}” in “{column}” is not known. Write deny (stop when sold out) or continue.",
        "“{column}”中的“{value}”无法识别，请写 deny（售完即止）或 continue（继续售卖）。",
    ),
    Fault.BAD_PICTURE_ADDRESS: Sentence(
        "“{value}” is not a picture address. Use one that starts with https:// or http://.",
        "“{value}”不是图片地址，请使用以 https:// 或 http:// 开头的地址。",
    ),
    Fault.BAD_PICTURE_POSITION: Sentence(
        "“{value}” is not a picture position. Write 1 for the first picture, 2 for the next.",
        "“{value}”不是图片位置，第一张写 1，第二张写 2。",
    ),
}
