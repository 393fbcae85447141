"""What is assumed of direction, success and currency, and where nothing can be, in sentences."""

from __future__ import annotations

from tracer.statements.reasons import Reason

EITHER_WAY = Reason(
    "方向不明：没有收付标志，同一时间的各行按两种先后次序都说得通，余额不能确定收付，"
    "请与原单位核实。",
    "The direction is not known: there is no mark, and rows of one time follow from each other in "
    "either order, so the balance does not decide it. Ask the source.",
)
MINUS = Reason(
    "支出列多为负数（{rows} 行），按付出处理，不作红冲。",
    "The column of expenses is written with a minus ({rows} rows); these are taken as money out "
    "and not as reversals.",
)
DIGIT_VOTES = Reason(
    "收付标志为数字，按余额判断：{digit}={way}（{votes} 处余额增减一致）。",
    "The direction is a digit; by {votes} balances {digit} is {way_en}.",
)
SUCCESS_BY_BALANCE = Reason(
    "交易是否成功为数字，按余额判断：{failed}=失败（余额随其他数字的行变动），与惯例不同，"
    "请与原单位核实。",
    "Success is a digit; the balance moves with the others, so {failed_en} is taken as "
    "failed, against the usual meaning: ask the source.",
)
SUCCESS_CODES = Reason(
    "交易是否成功为数字，没有余额可以印证，按惯例处理：{failed}=失败。",
    "Success is a digit, and no balance proves what it means; as is usual, {failed} is taken as "
    "failed.",
)
COIN_ABOVE = Reason(
    "币种取自表头上方：{said}。",
    "The currency was taken from above the header: {said}.",
)
