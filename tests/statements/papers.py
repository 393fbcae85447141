"""Papers: PDF statements of invented people, drawn as the platforms draw theirs."""

from __future__ import annotations

import io
import sys
from collections.abc import Sequence
from pathlib import Path

from reportlab.lib.pagesizes import A4, landscape
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

FONT, SIZE, LEADING = "STSong-Light", 8, 10
GOLDEN = Path(__file__).parent / "golden"

WECHAT = (
    "交易单号", "交易时间", "交易类型", "收/支/其他", "交易方式", "金额(元)", "交易对方",
    "商户单号",
)  # fmt: skip
ICBC = (
    "交易日期", "账号", "储种", "序号", "币种", "钞汇", "摘要", "地区", "收入/支出金额", "余额",
    "对方户名", "对方账号", "渠道",
)  # fmt: skip


def wrapped(text: str, width: float) -> list[str]:
    """Break a text where its cell ends, in the middle of a number as in that of a word."""
    lines = [""]
    for word in text.split("\n"):
        for letter in word:
            if pdfmetrics.stringWidth(lines[-1] + letter, FONT, SIZE) > width - 4:
                lines.append("")
            lines[-1] += letter
        lines.append("")
    return lines[:-1]


def draw(
    pages: Sequence[tuple[Sequence[str], Sequence[Sequence[str]], Sequence[str]]],
    widths: Sequence[float],
    *,
    font: str = FONT,
    **options: object,
) -> bytes:
    """Draw pages of lines, a ruled table and more lines."""
    pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    target = io.BytesIO()
    canvas = Canvas(target, pagesize=landscape(A4), invariant=1, **options)
    for above, rows, below in pages:
        canvas.setFont(font, SIZE)
        y = landscape(A4)[1] - 30
        for line in above:
            canvas.drawString(20, y, line)
            y -= 14
        y = ruled(canvas, rows, widths, y)
        for line in below:
            y -= 14
            canvas.drawString(20, y, line)
        canvas.showPage()
    canvas.save()
    return target.getvalue()


def ruled(
    canvas: Canvas, rows: Sequence[Sequence[str]], widths: Sequence[float], y: float
) -> float:
    for row in rows:
        cells = [wrapped(text, width) for text, width in zip(row, widths, strict=True)]
        height = max(map(len, cells)) * LEADING + 4
        x = 20.0
        for lines, width in zip(cells, widths, strict=True):
            canvas.rect(x, y - height, width, height)
            for at, line in enumerate(lines):
                canvas.drawString(x + 2, y - LEADING * (at + 1), line)
            x += width
        y -= height
    return y


def wechat(**options: object) -> bytes:
    """The certified statement of WeChat Pay: order numbers and times run over two lines."""
    widths = (95, 55, 90, 55, 85, 60, 110, 110)
    above = (
        "微信支付交易明细证明",
        "编号:19900000000000000001",
        "兹证明:赵示例(居民身份证:990101199001011234)",
        "在其微信号:wxid_example01中的交易明细信息如下:",
        "交易明细对应时间段 2022-04-01 00:00:00至2022-04-30 23:59:59",
        "具体交易明细:",
    )
    first = (
        WECHAT,
        ("1000039901202204011234567890123", "2022-04-01\n10:00:00", "转账", "支出", "零钱",
         "1,234.56", "钱二", "1000039900000000001"),
        ("1000039901202204021234567890124", "2022-04-02\n11:05:09", "微信红包", "收入", "零钱",
         "0.35", "孙三", "/"),
        ("2000039901202204031234567890125", "2022-04-03\n12:00:00", "商户消费", "支出",
         "测试银行(0018)", "28.16", "某某面馆股份有限公司城北分店",
         "M99010100000000000000000000001"),
    )  # fmt: skip
    second = (
        ("2000039901202204041234567890126", "2022-04-04\n13:00:00", "零钱提现", "其他",
         "测试银行(0018)", "100.10", "测试银行", "/"),
        ("2000039901202204051234567890127", "2022-04-05\n14:00:00", "某种新业务", "其他", "零钱",
         "5.00", "李四", "/"),
    )  # fmt: skip
    below = (
        "说明:",
        "1.本明细仅展示当前账单中的交易，不包括已删除的记录。",
        "2.本证明由系统生成。",
    )
    return draw([(above, first, ()), ((), second, below)], widths, **options)


def icbc(**options: object) -> bytes:
    """The electronic history of an ICBC debit card: title and header on each page."""
    widths = (52, 84, 32, 34, 40, 28, 60, 34, 72, 66, 74, 92, 62)
    account = "1001990101000000018"

    def above(page: int) -> tuple[str, ...]:
        return (
            "中国工商银行借记账户历史明细（电子版）",
            "卡号 6222020000000000018 户名：赵示例 起止日期：2022-04-01 — 2022-04-30",
            f"第{page}页 共2页",
        )

    def row(time: str, summary: str, amount: str, balance: str, *other: str) -> tuple[str, ...]:
        return (
            time, account, "活期", "00000", "人民币", "钞", summary, "9901", amount, balance,
            *other,
        )  # fmt: skip

    first = (
        ICBC,
        row("2022-04-01\n10:00:00", "他行汇入", "+50,000.00", "50,100.00", "钱二",
            "6217000000000000026", "其他"),
        row("2022-04-01\n10:08:13", "跨行转账", "-49,999.99", "100.01",
            "孙三有限公司城北第二分公司", "6228480000000000034", "手机银行"),
    )  # fmt: skip
    second = (
        ICBC,
        row("2022-04-02\n00:00:01", "利息", "+0.01", "100.02", "", "", "批量业务"),
        row("2022-04-03\n09:00:00", "消费", "-1e2", "0.02", "某某面馆", "", "快捷支付"),
    )
    below = ("本页支出笔数：1 本页收入笔数：1", "请扫描二维码识别明细真伪")
    return draw([(above(1), first, below), (above(2), second, below)], widths, **options)


def main() -> None:
    """Draw the golden files again."""
    for name, content in (("wechatproof", wechat()), ("icbcproof", icbc())):
        (GOLDEN / name / "input.pdf").write_bytes(content)
        sys.stdout.write(f"{name}: {len(content)} bytes\n")


if __name__ == "__main__":
    main()
