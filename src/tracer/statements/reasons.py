"""The catalogue of reasons why a file, a row or a cell was set aside, in Chinese and in English."""

from __future__ import annotations

from dataclasses import replace

from tracer.errors import SheetError
from tracer.statements.reason import Reason as Reason  # noqa: PLC0414 - whoever names one needs it.

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
NO_DIGITS = Reason(
    "该单元格不是号码（没有数字，或是错误值、公式），不采用，请核对原件。",
    "The cell holds no number (no digit, or an error or a formula) and is not used; check it "
    "against the original.",
)
NO_DIRECTION = Reason(
    "没有收付方向，余额变化也不能唯一确定方向。",
    "There is no direction, and the balance does not decide it either.",
)
NO_SOURCE = Reason(
    "这是充值，但没有写明付款的银行卡，不知道钱从哪里来。",
    "This is a top-up without the bank card that paid for it, so its source is not known.",
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
CONTINUES = Reason(
    "该工作表没有表头，接着上一工作表《{title}》的列读取。",
    "The sheet has no header and was read by the columns of the sheet before ({title_en!r}).",
)
ABSENT = Reason(
    "有 {rows} 行说明账号不存在（{said}）：可能是查询标识有误，请核对后重新查询。",
    "{rows} rows say that an account does not exist ({said}): check what was asked for, and ask "
    "again.",
)
PLATFORM = Reason(
    "文件名没有写明是哪家支付机构，账号按 pay:unknown: 记录；"
    "请先把机构名称写进文件名，再载入新案件。",
    "The file's name does not say which platform wrote it, so its accounts are kept under "
    "pay:unknown:. Name the file after the platform, and load it into a new case.",
)
UNANSWERED = Reason(
    "有 {rows} 个查询任务没有成功（{said}）：缺少这些数据，不等于没有账户或交易，请重新查询。",
    "{rows} queries did not succeed ({said}): their data is missing, which does not mean that "
    "there is no account or transaction. Ask again.",
)
STEPS = Reason(
    "时间列是步数：按从 {epoch} 起的第几天处理，精确到日。",
    "The times count steps: they are read as days since {epoch}, known to the day.",
)
MIDNIGHT = Reason(
    "全部时间都是 00:00:00，按只精确到日处理。",
    "Every time is 00:00:00, so they are taken as known to the day only.",
)
UNNAMED = Reason(
    "文件没有写明是哪个账户的流水，暂记为“{account}”；查明账号后请与该账号合并。",
    "The file does not say whose account it is; it is kept as {account!r}. Join it to the account "
    "once that is known.",
)
YEAR = Reason(
    "日期没有年份，按表头上方的“{said}”补上年份。",
    "The dates have no year; it was taken from {said!r} above the header.",
)
NO_YEAR = Reason(
    "日期没有年份，表头上方也没有写年份，不作猜测：请在日期前补上年份后再载入。",
    "The dates have no year and none stands above the header; write the year before the dates "
    "and load the file again.",
)
REFUNDED = Reason(
    "有 {rows} 行写着后来已退款，共 {sum} 元：这些行按原金额计，退款只在另有退款行时才计入。",
    "{rows} rows say that {sum} yuan were given back later: they count in full, and the refund "
    "counts only where it has a row of its own.",
)
BAD_REFUND = Reason(
    "退款金额无法识别，按没有退款处理。",
    "The refund cannot be read; the row is kept without it.",
)
DIGITS = Reason(
    "收付标志为数字，按本表出现的数字判断：{out}=付，{into}=收。",
    "The direction is a digit; by the digits in this sheet {out} is out and {into} is in.",
)
BY_BALANCE = Reason(
    "有 {rows} 行没有可用的收付标志，方向由前后余额唯一推出，余额不再是其方向的独立证明。",
    "{rows} rows had no usable direction; the balances decided it in one way only, and so are no "
    "independent proof of it.",
)
AGAINST_BALANCE = Reason(
    "所写收付与余额的增减相反（{rows} 行），已按余额改正收付方向，请与原单位核实。",
    "The direction as written is the opposite of how the balance moves ({rows} rows) and was "
    "turned round to follow the balance: ask the source.",
)
BY_SIGN = Reason(
    "有 {rows} 行没有收付标志，方向取自金额的正负号。",
    "{rows} rows had no direction; the sign of the amount told it.",
)

UNKNOWN = Reason(
    "没有识别出是哪种流水。最接近的是《{title}》，但缺少表头：{missing}。",
    "No format was recognised. The nearest is {title_en!r}, but these headers are missing: "
    "{missing}.",
)
PROSE = Reason(
    "没有识别出是哪种流水：没有一行与已知版式的表头接近。",
    "No format was recognised: no row is near any known header.",
)
AGAIN = Reason(
    "与已载入的文件完全相同，未重复载入。",
    "The same file is in the case and was not loaded twice.",
)
UNCLEAR = Reason("通用读取没有采用：{unclear}。", "The generic reader does not read it: {unclear}.")
UNSURE = Reason(
    "不能确定哪一列是{meaning}（候选：{candidates}）",
    "it is not clear which column is the {name} (candidates: {candidates})",
)
UNSEEN = Reason("没有认出哪一列是{meaning}", "no column was understood as the {name}")
RIVALS = Reason(
    "有几列都像{meaning}，内容又不一致（候选：{candidates}）",
    "several columns look like the {name} and differ (candidates: {candidates})",
)
UNCLEAR_DIRECTION = Reason(
    "不能确定收付方向：{why}{candidates}",
    "the direction is not clear: {why_en}{candidates}",
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
    "没有现成的版式，由通用读取按表头和内容对应各列，最低把握 {share:.0%}（{meaning}：{header}）。",
    "No declared format fits; the generic reader mapped the columns by header and content, with a "
    "lowest confidence of {share:.0%} ({name}: {header}).",
)
NO_OTHER = Reason(
    "没有认出对方账号列，无法追踪去向。",
    "No column was understood as the other account, so money cannot be followed from here.",
)
UNUSED = Reason(
    "这些列有内容但没有采用：{columns}。", "These columns are filled and were not used: {columns}."
)
NO_COLUMNS = Reason(
    "没有找到时间列和金额列；第 {row} 行是：{headers}。",
    "No columns of times and amounts were found; row {row} says: {headers}.",
)
ALONE = Reason(
    "只有第 {row} 行有内容（{headers}），没有数据行：可能确无交易，也可能是查询失败。",
    "Only row {row} is filled ({headers}) and there is no data: perhaps there was nothing, perhaps "
    "the query failed.",
)
EMPTY_SHEET = Reason("工作表是空的。", "The sheet is empty.")

EMPTY = Reason("文件是空的。", "The file is empty.")
UNREADABLE = Reason("文件读不出来（{error}）。", "The file cannot be read ({error}).")
ARCHIVE = Reason(
    "这是压缩包（{kind}），请先解压再载入。", "This is an archive ({kind}); unpack it first."
)
PICTURE = Reason("这是图片（{kind}），不是流水表格。", "This is a picture ({kind}), not a table.")
LOCKED = Reason(
    '文件有密码保护，请给出密码再试：命令行加 --password 密码，笔记本里加 passwords=["密码"]。',
    "The file is protected by a password; try again with it: --password PASSWORD at the console, "
    'passwords=["PASSWORD"] in a notebook.',
)
WRONG_PASSWORD = Reason(
    "文件有密码保护，给出的 {tried} 个密码都不对，请核对密码后再次载入。",
    "The file is protected by a password and none of the {tried} given ones fits; check the "
    "password and load the file again.",
)
BROKEN_LOCK = Reason(
    "文件有密码保护，但加密信息损坏或不受支持，请打开后另存为不加密的文件（{error}）。",
    "The file is protected by a password in a way that is damaged or not supported; open it and "
    "save a copy without one ({error}).",
)
NO_HTML_TABLE = Reason(
    "这是网页（HTML），其中没有表格。", "This is an HTML page, and there is no table in it."
)
HUGE_PAGE = Reason(
    "网页或 XML 表格异常（{what}超过 {limit}），没有读取，请用 Excel 打开后另存为 xlsx。",
    "The page or XML table is not what a statement looks like ({what} above {limit}) and was not "
    "read; open it in Excel and save it as xlsx.",
)
BROKEN_XML = Reason(
    "XML 表格读不出来，请用 Excel 打开后另存为 xlsx（{error}）。",
    "The XML table cannot be read; open it in Excel and save it as xlsx ({error}).",
)
SCANNED = Reason(
    "PDF 第 {page} 页是扫描图片，没有文字，无法逐笔核对，整个文件没有读取。"
    "请向原单位调取 Excel 或 CSV 格式的流水。",
    "Page {page} of the PDF is a scanned picture without text, so nothing of the file was read. "
    "Ask the source for the statement as a workbook or CSV.",
)
UNCODED = Reason(
    "PDF 第 {page} 页的字体没有文字编码，读不出是什么字，整个文件没有读取。"
    "请向原单位调取 Excel 或 CSV 格式的流水。",
    "The font of page {page} of the PDF does not tell which characters it shows, so nothing of "
    "the file was read. Ask the source for the statement as a workbook or CSV.",
)
NO_PDF_TABLE = Reason(
    "PDF 中没有带框线的表格，请向原单位调取 Excel 或 CSV 格式的流水。",
    "There is no ruled table in the PDF; ask the source for the statement as a workbook or CSV.",
)
LOOSE_TEXT = Reason(
    "PDF 第 {page} 页有像流水的文字在表格框线外，或越过了框线，为免错漏整个文件没有读取。"
    "请向原单位调取 Excel 或 CSV 格式的流水。",
    "Page {page} of the PDF has text like an entry outside the ruled table, or across a rule, so "
    "nothing of the file was read. Ask the source for the statement as a workbook or CSV.",
)
BROKEN_PDF = Reason(
    "PDF 打不开，可能不完整，请重新获取（{error}）。",
    "The PDF cannot be opened; perhaps it is cut short. Get it again ({error}).",
)
HUGE_PDF = Reason(
    "PDF 异常（{what}超过 {limit}），没有读取，请向原单位调取 Excel 或 CSV 格式的流水。",
    "The PDF is not what a statement looks like ({what} above {limit}) and was not read; ask the "
    "source for the statement as a workbook or CSV.",
)
WORD = Reason("这是 Word 文档，不是流水表格。", "This is a Word document, not a table of entries.")
BROKEN_BOOK = Reason(
    "工作簿打不开，可能不完整或不是 Excel 文件，请重新获取（{error}）。",
    "The workbook cannot be opened; perhaps it is cut short or no workbook. Get it again "
    "({error}).",
)
NO_SHEET = Reason("工作簿里没有工作表，请重新获取。", "The workbook holds no sheet; get it again.")
HUGE_BOOK = Reason(
    "工作簿异常（{what}超过 {limit}），没有读取。"
    "请用 Excel 打开，删去多余的行列，另存为 xlsx 再载入。",
    "The workbook is not what a statement looks like ({what} above {limit}) and was not read; open "
    "it in Excel, delete the stray rows and columns and save it as xlsx.",
)
BROKEN_SHEET = Reason(
    "工作表读不出来，请用 Excel 打开后另存为 xlsx 再载入（{error}）。",
    "The sheet cannot be read; open it in Excel and save it as xlsx ({error}).",
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
    "工作簿解压后有 {size}，异常巨大，没有打开。",
    "The workbook unpacks to {size}, which no statement does; it was not opened.",
)
WIDE = Reason(
    "有一行多达 {columns} 列（最多 {most} 列），不是流水表格，没有读取，请核对原件。",
    "A row has {columns} columns (at most {most} are read), which no statement has; the file was "
    "not read. Check it against the original.",
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
LONG_LINE = Reason(
    "第 {line} 行（或其中一个单元格）超过 32 MB，不可能是一行流水，没有读取。请核对原件。",
    "Line {line}, or a cell in it, is longer than 32 MB, as no row of a statement is; the file was "
    "not read. Check it against the original.",
)
BROKEN_ARCHIVE = Reason(
    "压缩包不完整或已损坏，损坏处以后的文件没有取出，请重新获取（{error}）。",
    "The archive is cut short or damaged; what lies behind the damage was not taken out. Get it "
    "again ({error}).",
)
BROKEN_MEMBER = Reason(
    "压缩包内的这个文件已损坏，或压缩方式不受支持，没有取出，请重新获取（{error}）。",
    "This file of the archive is damaged, or packed in a way that is not supported, and was not "
    "taken out; get it again ({error}).",
)
LINK = Reason(
    "压缩包内的这一项是链接或设备，不是普通文件，没有取出。",
    "This item of the archive is a link or a device and no plain file; it was not taken out.",
)
DENSE = Reason(
    "压缩包内的这个文件解压后超过原来的 {ratio} 倍，像压缩炸弹，没有取出。",
    "This file of the archive unpacks to more than {ratio} times its size, as in a zip bomb; it "
    "was not taken out.",
)
OVERLAPPING = Reason(
    "压缩包内的这个文件与其他文件重叠存放，像压缩炸弹，没有取出。",
    "This file of the archive shares its bytes with others, as in a zip bomb; it was not taken "
    "out.",
)
DEEP = Reason(
    "压缩包套了 {depth} 层以上，没有继续解压，请先手工解压再载入。",
    "The archive is nested more than {depth} deep and was not unpacked further; unpack it "
    "yourself.",
)
MANY_MEMBERS = Reason(
    "压缩包内的文件超过 {most} 个，其余没有取出，请分批解压后载入。",
    "The archive holds more than {most} files; the others were not taken out. Unpack it yourself "
    "and load it in parts.",
)
LARGE_ARCHIVE = Reason(
    "压缩包解压后超过 {size}，其余没有取出，请分批解压后载入。",
    "The archive unpacks to more than {size}; the rest was not taken out. Unpack it "
    "yourself and load it in parts.",
)
BINARY = Reason("文件含有二进制内容，不是文本文件。", "The file is binary, not text.")

# Each is called by its constant's name, so that no table and no advice hangs on a wording.
_CATALOGUE = {name: one for name, one in vars().items() if isinstance(one, Reason)}
globals().update({name: replace(one, code=name.lower()) for name, one in _CATALOGUE.items()})


def refusal(reason: Reason) -> SheetError:
    """Return the error that carries a reason in both languages, and its code."""
    error = SheetError(reason.en, zh=reason.zh)
    error.code = reason.code
    return error
