"""The catalogue of reasons why a file, a row or a cell was set aside, in Chinese and in English."""

from __future__ import annotations

from dataclasses import dataclass

from tracer.errors import SheetError


@dataclass(frozen=True)
class Reason:
    """One sentence in two languages; ``{…}`` parts are filled where it is used."""

    zh: str
    """What an investigator reads."""
    en: str
    """The same in English."""

    def about(self, **values: object) -> Reason:
        """Return the reason with its blanks filled."""
        return Reason(self.zh.format(**values), self.en.format(**values))


NO_TIME = Reason("时间为空，无法排序。", "The time is empty, so the row has no place in the order.")
BAD_TIME = Reason(
    "时间无法识别，应类似 2022-04-01 12:34:56。",
    "The time cannot be read; it should look like 2022-04-01 12:34:56.",
)
NO_AMOUNT = Reason("金额为空。", "The amount is empty.")
BAD_AMOUNT = Reason(
    "金额不是精确到分的数字，请核对原件后改正。",
    "The amount is not a number exact to the fen; check it against the original.",
)
BOTH_AMOUNTS = Reason(
    "收入和支出两列都有金额，无法判断方向。",
    "Both the income and the expense column hold an amount, so the direction is not known.",
)
NO_ACCOUNT = Reason(
    "本方账号为空，不知道是谁的流水。",
    "The own account is empty, so nobody knows whose row it is.",
)
DAMAGED_ACCOUNT = Reason(
    "账号以数字格式存放（科学计数法或超过 15 位的数值），末几位已经丢失，"
    "请向原单位重新调取文本格式的文件。",
    "The account was stored as a number (scientific notation or over 15 digits) and its last "
    "digits are lost; ask the source for a file with text cells.",
)
DAMAGED_NUMBER = Reason(
    "长号码以数字格式存放，末几位已经丢失，该单元格不采用。",
    "The long number was stored as a number and its last digits are lost; the cell is not used.",
)
BAD_ACCOUNT = Reason(
    "账号单元格的写法无法识别。", "The way in which the account cell is written is not known."
)
NO_DIRECTION = Reason(
    "没有收付方向，余额变化也不能唯一确定方向。",
    "There is no direction, and the balance does not decide it either.",
)
BAD_DIRECTION = Reason(
    "收付标志不认识，不作猜测。", "The direction mark is not known and is not guessed."
)
UNCLEAR_DIGIT = Reason(
    "收付标志用数字表示，本表中出现的数字不能确定哪个是收、哪个是付。",
    "The direction is a digit, and the digits in this sheet do not tell which one means in.",
)
NEUTRAL_TYPE = Reason(
    "中性交易的类型不在格式声明里，方向不作猜测。",
    "The type of this neutral row is not declared, and its direction is not guessed.",
)
SIGN_AGAINST = Reason(
    "金额正负号与收付标志矛盾（可能是冲正），请核对原件。",
    "The sign of the amount contradicts the direction (perhaps a reversal); check the original.",
)
BAD_BALANCE = Reason(
    "余额无法识别，按没有余额处理。", "The balance cannot be read; the row is kept without it."
)
BAD_STATUS = Reason(
    "交易状态不认识，按成功处理。", "The status is not known; the row is taken as successful."
)
MORE_CELLS = Reason(
    "本行单元格多于表头，可能是备注里含有分隔符，列已错位。",
    "The row has more cells than the header, perhaps a delimiter inside a remark.",
)
FEWER_CELLS = Reason(
    "行不完整：本行只有 {cells} 个单元格，少于表头，缺少的内容不作猜测，请核对原件。",
    "The row is incomplete: it has {cells} cells, fewer than the header; check it against the "
    "original.",
)
CUT_ROW = Reason(
    "行不完整：最后一行只有 {cells} 个单元格，且末尾没有换行，文件可能被截断，请重新获取。",
    "The row is incomplete: the last line has {cells} cells and no line end, so the file may be "
    "cut off; get it again.",
)
OPEN_QUOTE = Reason(
    "本行的引号没有成对（不闭合），按分隔符拆开后列数与表头不符，请核对原件。",
    "The quotation marks of the row do not close, and split at every delimiter it does not have "
    "the header's width; check it against the original.",
)
NO_VICTIM = Reason("被害人姓名为空。", "The victim's name is empty.")
BAD_OPENED = Reason(
    "日期无法识别，按没有日期处理。", "The date cannot be read; the row is kept without it."
)
NO_CARDS = Reason(
    "绑定银行卡中没有可识别的卡号。", "No card number can be read in the bound bank cards."
)

PLACEHOLDER = Reason(
    "有 {rows} 行只写着查询结果（{said}），没有交易：这些账号缺少流水，不等于没有交易。",
    "{rows} rows only say what a query returned ({said}): for these accounts there is a gap.",
)
SECOND_BLOCK = Reason(
    "第二段表格（历史绑定等）共 {rows} 行未采用。",
    "The second block of the sheet ({rows} rows, the history of bindings) was not used.",
)
STEPS = Reason(
    "时间列是步数：按从 {epoch} 起的第几天处理，精确到日。",
    "The times count steps: they are read as days since {epoch}, known to the day.",
)
MIDNIGHT = Reason(
    "全部时间都是 00:00:00，按只精确到日处理。",
    "Every time is 00:00:00, so they are taken as known to the day only.",
)
DIGITS = Reason(
    "收付标志为数字，按本表出现的数字判断：{out}=付，{into}=收。",
    "The direction is a digit; by the digits in this sheet {out} is out and {into} is in.",
)
BY_BALANCE = Reason(
    "有 {rows} 行没有可用的收付标志，方向由前后余额唯一推出。",
    "{rows} rows had no usable direction; the balances decided it in one way only.",
)
BY_SIGN = Reason(
    "有 {rows} 行没有收付标志，方向取自金额的正负号。",
    "{rows} rows had no direction; the sign of the amount told it.",
)

UNKNOWN = Reason(
    "没有识别出是哪种流水。最接近的是《{title}》，但缺少：{missing}。"
    "请确认文件，或在案件的 formats 文件夹里为它写一份格式声明。",
    "No format was recognised. The nearest is {title_en!r}, but these headers are missing: "
    "{missing}. Check the file, or declare its format in the case's formats folder.",
)
PROSE = Reason(
    "没有识别出是哪种流水：没有一行像任何已知表头。",
    "No format was recognised: no row looks like any known header.",
)
UNCLEAR = Reason(
    '通用读取没有采用：{unclear}。可用 case.mapping(文件) 逐列查看，用 .change(含义="列名") 指定，'
    '再用 .save(case, name="名称") 存为本案的版式后重新载入。',
    "The generic reader does not read it: {unclear}. Look at case.mapping(FILE), say what the "
    'columns mean with .change(MEANING="HEADER"), keep it with .save(case, name="NAME") and '
    "load the file again.",
)
UNSURE = Reason(
    "不能确定哪一列是{meaning}（候选：{candidates}）",
    "it is not clear which column is the {name} (candidates: {candidates})",
)
RIVALS = Reason(
    "有几列都像{meaning}，内容又不一致（候选：{candidates}）",
    "several columns look like the {name} and differ (candidates: {candidates})",
)
UNCLEAR_WAY = Reason(
    "不能确定收付方向：{why}（候选：{candidates}）",
    "the direction is not clear: {why_en} (candidates: {candidates})",
)
UNCLEAR_UNIT = Reason(
    "金额全是整数，不能确定单位是元还是分（{candidates}）",
    "all amounts are whole numbers, which may count yuan or fen ({candidates})",
)
CLAIMED = Reason(
    "表头有{candidates}，像报案或案件登记表，不是账户流水",
    "the header has {candidates}: this looks like what victims or police say, not like a statement",
)
GUESSED = Reason(
    "没有现成的版式，由通用读取按表头和内容对应各列，最低把握 {share:.0%}（{meaning}：{header}）；"
    "请用 case.mapping(文件) 核对各列含义。",
    "No declared format fits; the generic reader mapped the columns by header and content, with a "
    "lowest confidence of {share:.0%} ({name}: {header}). Check them with case.mapping(FILE).",
)
EMPTY_SHEET = Reason("工作表是空的。", "The sheet is empty.")

EMPTY = Reason("文件是空的。", "The file is empty.")
UNREADABLE = Reason("文件读不出来：{error}。", "The file cannot be read: {error}.")
ARCHIVE = Reason(
    "这是压缩包（{kind}），请先解压再载入。", "This is an archive ({kind}); unpack it first."
)
PICTURE = Reason("这是图片（{kind}），不是流水表格。", "This is a picture ({kind}), not a table.")
PDF = Reason(
    "这是 PDF，请向原单位调取 Excel 或 CSV 格式的流水。",
    "This is a PDF; ask the source for the statement as a workbook or CSV.",
)
LOCKED = Reason(
    "工作簿有密码保护，请用密码打开后另存为不加密的文件。",
    "The workbook needs its password; open it and save a copy without one.",
)
HTML = Reason(
    "这是网页（HTML），只是扩展名像表格，请用 Excel 打开后另存为 xlsx。",
    "This is an HTML page; open it in Excel and save it as xlsx.",
)
WORD = Reason("这是 Word 文档，不是流水表格。", "This is a Word document, not a table of entries.")
BROKEN_BOOK = Reason(
    "工作簿打不开，可能不完整或不是 Excel 文件，请重新获取（{error}）。",
    "The workbook cannot be opened; perhaps it is cut short or no workbook. Get it again "
    "({error}).",
)
BROKEN_SHEET = Reason(
    "工作表读不出来（{error}），请用 Excel 打开后另存为 xlsx 再载入。",
    "The sheet cannot be read ({error}); open it in Excel and save it as xlsx.",
)
FAR_CELL = Reason(
    "工作表有 {rows} 行 {columns} 列，远超内存：{cell} 处有一个很远的单元格，没有读取。"
    "请用 Excel 打开，删去该单元格所在的多余行列后另存再载入。",
    "The sheet spans {rows} rows and {columns} columns, more than memory holds, because of the "
    "far cell {cell}; it was not read. Delete the stray rows and columns in Excel and save it.",
)
BROKEN_ZIP = Reason(
    "文件不完整：压缩结构被截断或损坏，请重新获取。",
    "The file is cut short or damaged; get it again.",
)
HUGE = Reason(
    "工作簿解压后有 {size} 字节，异常巨大，没有打开。",
    "The workbook unpacks to {size} bytes, which no statement does; it was not opened.",
)
NO_TEXT = Reason(
    "文件不是 UTF-8 或 GB18030 文字，可能不是文本文件。",
    "The file is neither UTF-8 nor GB18030 text; perhaps it is no text at all.",
)
CUT_TEXT = Reason(
    "文件在一个汉字中间被截断（{encoding}，第 {at} 字节），不完整，请重新获取。",
    "The file ends in the middle of a character ({encoding}, byte {at}): it is cut short; "
    "get it again.",
)
BINARY = Reason("文件含有二进制内容，不是文本文件。", "The file is binary, not text.")


def refusal(reason: Reason) -> SheetError:
    """Return the error that carries a reason in both languages."""
    return SheetError(reason.en, zh=reason.zh)
